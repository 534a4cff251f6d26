import { z } from 'zod'
import { LlmAnswerInvalid, LlmRefusedRequest } from '../errors.ts'
import { EMBEDDING_DIMENSIONS } from '../llm.ts'
import type { EmbeddingSpace } from '../llm.ts'
import { padded, toUnitLength } from '../vector.ts'

/** Titan V2 gives 1024, 512 or 256: 512 and zeros keep every cosine, the first 768 of 1024 would not. */
const SOURCE_DIMENSIONS = 512
const MAX_CHARACTERS = 50_000
const VERSION = 'v1'

export const titanSpace = (modelId: string, provider: string): EmbeddingSpace => ({
  id: `${provider}:${modelId}:${SOURCE_DIMENSIONS}+zeros:${VERSION}`,
  provider,
  model: modelId,
  dimensions: EMBEDDING_DIMENSIONS,
  sourceDimensions: SOURCE_DIMENSIONS,
  version: VERSION,
})

/** The body of InvokeModel for one text. @throws LlmRefusedRequest when it is longer than Titan takes: nothing is cut silently. */
export function toTitanBody(text: string): string {
  if (text.length > MAX_CHARACTERS) {
    throw new LlmRefusedRequest(`A text has ${text.length} characters; Titan takes at most ${MAX_CHARACTERS}.`)
  }
  return JSON.stringify({ inputText: text, dimensions: SOURCE_DIMENSIONS, normalize: true })
}

const TitanAnswer = z.object({
  embedding: z.array(z.number()).length(SOURCE_DIMENSIONS),
  inputTextTokenCount: z.int().nonnegative(),
})

/** @throws LlmAnswerInvalid */
export function readTitanAnswer(body: string, modelId: string): { vector: Float32Array; inputTokens: number } {
  try {
    const { embedding, inputTextTokenCount } = TitanAnswer.parse(JSON.parse(body))
    return { vector: padded(toUnitLength(embedding)), inputTokens: inputTextTokenCount }
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
    throw new LlmAnswerInvalid(`${modelId}: the answer is no embedding of ${SOURCE_DIMENSIONS} numbers: ${why}`, {
      cause,
    })
  }
}
