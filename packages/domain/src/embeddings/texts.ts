import type { Context } from '@dayshift/domain/context'
import { type EmbeddingSpace, type EmbedRequest, LlmError } from '@dayshift/llm'
import { OtherSpace, requireSpace, type Space } from './space.ts'

export interface EmbeddedTexts {
  space: EmbeddingSpace
  /** One for each text. */
  vectors: Float32Array[]
}

export interface EmbedOptions extends Partial<Pick<EmbedRequest, 'feature' | 'purpose'>> {
  /** Ask this space's model; the configured one when absent. */
  space?: Pick<Space, 'id' | 'provider' | 'model'>
  signal?: AbortSignal
  /** Ask the model although the same was asked before. */
  fresh?: boolean
}

/** Embeds texts, by default those of articles. @throws LlmError; OtherSpace when another model answered than was asked. */
export async function embedTexts(
  llm: Context['llm'],
  texts: string[],
  { space: wanted, feature = 'article.embed', purpose = 'document', ...options }: EmbedOptions = {},
): Promise<EmbeddedTexts> {
  const model = wanted && `${wanted.provider}/${wanted.model}`
  const { vectors, space } = await llm.embed({ feature, purpose, texts, ...(model && { model }) }, options)
  if (wanted) requireSpace(wanted, space)
  if (vectors.length !== texts.length)
    throw new Error(`Expected ${texts.length} vectors from ${space.id}, got ${vectors.length}.`)
  const odd = vectors.find((vector) => vector.length !== space.dimensions)
  if (odd)
    throw new Error(`Expected vectors of ${space.dimensions} numbers from ${space.id}, got one of ${odd.length}.`)
  return { space, vectors }
}

/** Whether an error says that the model of a space does not answer, or that another answers in its place. */
export const isWithoutModel = (error: unknown): error is LlmError | OtherSpace =>
  error instanceof LlmError || error instanceof OtherSpace
