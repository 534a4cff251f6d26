import { createTestModels } from '@dayshift/domain/testing'
import { describe, expect, test } from 'vitest'
import { OtherSpace } from './space.ts'
import { embedTexts } from './texts.ts'

const spaceOf = (model: string) => ({ id: `test:${model}:768:v1`, provider: 'test', model })

describe('vectors for a space', () => {
  test('come from the model of that space, whatever is configured', async () => {
    const models = createTestModels('first')
    const { space } = await embedTexts(models, ['A text.'], { space: spaceOf('second') })
    expect(space).toMatchObject(spaceOf('second'))
    expect((await embedTexts(models, ['A text.'])).space).toMatchObject(spaceOf('first'))
  })

  test('of another space are refused with both names', async () => {
    const models = createTestModels('first')
    models.gone.add('second')
    models.substitutes = true
    const asked = embedTexts(models, ['A text.'], { space: spaceOf('second') })
    await expect(asked).rejects.toThrow(OtherSpace)
    await expect(asked).rejects.toThrow(/test:second:768:v1.*test:first:768:v1/)
  })

  test('are of the model by its name, though its name has changed hands', async () => {
    const models = createTestModels('first')
    // The same model in another version: its vectors are not those that were kept.
    const kept = { ...spaceOf('first'), id: 'test:first:768:v0' }
    await expect(embedTexts(models, ['A text.'], { space: kept })).rejects.toThrow(OtherSpace)
  })
})
