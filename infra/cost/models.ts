import { articlesCosts } from '../../apps/cli/src/articles-cost.ts'
import { defaultCatalogue } from '../../packages/llm/src/catalogue.ts'
import type { Charge } from './charge.ts'

export interface Models {
  textModelId: string
  embeddingModelId: string
}

/**
 * What the models charge for reading so many articles: a summary and the vectors of each, near its region, by the catalogue's
 * prices and the tokens of `npm run models -- cost`. Throws where the catalogue has no price.
 */
export function modelCharges({ textModelId, embeddingModelId }: Models, articles: number, now: Date): Charge[] {
  const costs = articlesCosts(defaultCatalogue, articles, now)
  return [textModelId, embeddingModelId].map((id) => {
    const found = costs.find(({ model }) => model.id === id)
    const usd = found?.nearUsd ?? found?.globalUsd
    if (found === undefined || usd === null || usd === undefined) {
      throw new Error(`No price of the model ${id} is known, or it is over; see npm run models.`)
    }
    const what = `${found.model.kind === 'text' ? 'summaries' : 'vectors'} of ${articles.toLocaleString('en')} articles`
    return {
      resource: 'usage',
      what: `${what}, ${found.model.name}`,
      price: 'bedrock.articles',
      quantity: usd,
      mostQuantity: found.mostUsd ?? usd,
    }
  })
}
