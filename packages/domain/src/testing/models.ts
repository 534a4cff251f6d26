import { createLocalLlm, type Llm, LlmModelNotFound } from '@dayshift/llm'

export interface TestModels extends Llm {
  /** Answers where no model is named. */
  configured: string
  /** Models that are not there any more. */
  gone: Set<string>
  /** Whether another model answers in place of one that is gone, instead of an error. */
  substitutes: boolean
  /** Every text, with the model that was to embed it, in order. */
  asked: { model: string; text: string; feature: string | undefined; fresh: boolean }[]
  /** Called with the texts of every request before it is answered. */
  before: (texts: string[], model: string) => unknown
}

/**
 * Models of the provider `test` by name, each with a space of its own: hashed vectors turned by as many cells as the name
 * has letters. Within one space they compare like the local model's; across two they are noise.
 */
export function createTestModels(configured: string): TestModels {
  const local = createLocalLlm()
  const models: TestModels = {
    ...local,
    configured,
    gone: new Set(),
    substitutes: false,
    asked: [],
    before: () => undefined,
    async embed({ texts, feature, model, ...request }, options) {
      let name = model?.replace(/^test\//, '') ?? models.configured
      if (models.gone.has(name)) {
        if (!models.substitutes) throw new LlmModelNotFound(`There is no model ${name}.`)
        name = models.configured
      }
      models.asked.push(...texts.map((text) => ({ model: name, text, feature, fresh: options?.fresh ?? false })))
      await models.before(texts, name)
      const answer = await local.embed({ ...request, texts }, options)
      const space = { ...answer.space, id: `test:${name}:768:v1`, provider: 'test', model: name, version: 'v1' }
      return { ...answer, space, vectors: answer.vectors.map((vector) => turned(vector, name.length)) }
    },
  }
  return models
}

const turned = (vector: Float32Array, cells: number): Float32Array =>
  Float32Array.from(vector, (_, index) => vector[(index + cells) % vector.length] ?? 0)
