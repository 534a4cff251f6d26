import { z } from 'zod'
import type { EmbedRequest } from '../../llm.ts'
import type { EmbeddingFamily } from './family.ts'

/** What is searched here is text only, for which Nova has a purpose of its own. */
const PURPOSES = { document: 'GENERIC_INDEX', query: 'TEXT_RETRIEVAL' } as const satisfies Record<
  EmbedRequest['purpose'],
  string
>

const Answer = z.object({
  embeddings: z.tuple([
    z.object({
      embedding: z.array(z.number()),
      // Some texts were seen to be cut in spite of NONE; then the answer says where.
      truncatedCharLength: z.undefined({ error: 'Nova cut the text, although it was told not to' }).optional(),
    }),
  ]),
  inputTokenCount: z.int().nonnegative().optional(),
})

/**
 * Nova Multimodal Embeddings: one text in a call; 3072, 1024, 384 or 256 numbers.
 * Source: Amazon Nova user guide, "Complete embeddings request and response schema".
 */
export const nova: EmbeddingFamily = {
  textsPerCall: 1,
  // The documented limit; the service lets longer texts pass and may then cut them.
  maxCharacters: 8_192,
  // The widest that fits, and zeros. The first 768 of 1024 hold more, but AWS promises quality for its own four widths only.
  dimensions: 384,
  toBody: ([value], purpose) => ({
    schemaVersion: 'nova-multimodal-embed-v1',
    taskType: 'SINGLE_EMBEDDING',
    singleEmbeddingParams: {
      embeddingPurpose: PURPOSES[purpose],
      embeddingDimension: 384,
      text: { truncationMode: 'NONE', value },
    },
  }),
  read: (body) => {
    const { embeddings, inputTokenCount } = Answer.parse(body)
    return { vectors: [embeddings[0].embedding], inputTokens: inputTokenCount }
  },
}
