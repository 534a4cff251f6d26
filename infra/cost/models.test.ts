import { describe, expect, test } from 'vitest'
import { modelCharges } from './models.ts'

const now = new Date('2026-11-21')

describe('model calls', () => {
  // docs/models.md by `npm run models -- cost`: near, for 1,000 articles, Nova Micro 0.12 and Titan V2 0.06.
  test('are the summaries and the vectors of the articles, at the catalogue’s prices', () => {
    const models = { textModelId: 'amazon.nova-micro-v1:0', embeddingModelId: 'amazon.titan-embed-text-v2:0' }
    const [summaries, vectors] = modelCharges(models, 1000, now)
    expect(summaries).toMatchObject({ what: 'summaries of 1,000 articles, Nova Micro', price: 'bedrock.articles' })
    expect(summaries!.quantity).toBeCloseTo(0.123795, 6)
    expect(summaries!.mostQuantity).toBeCloseTo(0.151795, 6)
    expect(vectors!.quantity).toBeCloseTo(0.0582, 6)
  })

  test('grow with the articles', () => {
    const models = { textModelId: 'anthropic.claude-haiku-5-5', embeddingModelId: 'amazon.titan-embed-text-v2:0' }
    const usd = (articles: number) =>
      modelCharges(models, articles, now).reduce((sum, { quantity }) => sum + quantity, 0)
    expect(usd(20_000)).toBeCloseTo(20 * usd(1000), 10)
  })

  test('of a model that is over, or that nobody knows, have no price', () => {
    const embeddingModelId = 'amazon.titan-embed-text-v2:0'
    const over = { textModelId: 'anthropic.claude-3-haiku-20240307-v1:0', embeddingModelId }
    expect(() => modelCharges(over, 1000, now)).toThrow(
      'No price of the model anthropic.claude-3-haiku-20240307-v1:0 is known, or it is over',
    )
    expect(() => modelCharges({ textModelId: 'nobody.knows', embeddingModelId }, 1000, now)).toThrow('nobody.knows')
  })
})
