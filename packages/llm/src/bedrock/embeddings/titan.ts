import { z } from 'zod'
import type { EmbeddingFamily } from './family.ts'

const Answer = z.object({ embedding: z.array(z.number()), inputTextTokenCount: z.int().nonnegative() })

/**
 * Titan Text Embeddings V2: one text in a call; 1024, 512 or 256 numbers.
 * Source: Amazon Bedrock user guide, "Amazon Titan Embeddings Text" and "Amazon Titan Text Embeddings models".
 */
export const titan: EmbeddingFamily = {
  textsPerCall: 1,
  maxCharacters: 50_000,
  // 512 and zeros keep every cosine; the first 768 of 1024 would not.
  dimensions: 512,
  toBody: ([inputText]) => ({ inputText, dimensions: 512, normalize: true }),
  read: (body) => {
    const { embedding, inputTextTokenCount } = Answer.parse(body)
    return { vectors: [embedding], inputTokens: inputTextTokenCount }
  },
}
