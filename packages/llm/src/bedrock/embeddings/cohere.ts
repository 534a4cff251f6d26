import { z } from 'zod'
import type { EmbedRequest } from '../../llm.ts'
import type { EmbeddingFamily, FamilyAnswer } from './family.ts'

const TEXTS_PER_CALL = 96
const INPUT_TYPES = { document: 'search_document', query: 'search_query' } as const satisfies Record<
  EmbedRequest['purpose'],
  string
>

const Vectors = z.array(z.array(z.number()))
/** A bare list when no type was asked for, by type otherwise. */
const Answer = z.object({ embeddings: z.union([Vectors, z.object({ float: Vectors })]) })

/** Tokens are in a header only. */
function read(body: unknown): FamilyAnswer {
  const { embeddings } = Answer.parse(body)
  return { vectors: Array.isArray(embeddings) ? embeddings : embeddings.float, inputTokens: undefined }
}

/**
 * Cohere Embed 3, English and multilingual: 1024 numbers and no other width. Source: Amazon Bedrock user guide, "Cohere Embed v3".
 */
export const cohereV3: EmbeddingFamily = {
  textsPerCall: TEXTS_PER_CALL,
  maxCharacters: 2_048,
  dimensions: 1_024,
  toBody: (texts, purpose) => ({ texts, input_type: INPUT_TYPES[purpose], truncate: 'NONE' }),
  read,
}

/** Cohere Embed 4: 256, 512, 1024 or 1536 numbers. Source: Amazon Bedrock user guide, "Cohere Embed v4". */
export const cohereV4: EmbeddingFamily = {
  textsPerCall: TEXTS_PER_CALL,
  maxCharacters: null,
  // As with Titan: 512 and zeros are exact.
  dimensions: 512,
  toBody: (texts, purpose) => ({
    texts,
    input_type: INPUT_TYPES[purpose],
    embedding_types: ['float'],
    output_dimension: 512,
    truncate: 'NONE',
  }),
  read,
}
