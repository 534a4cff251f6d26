import { Conflict } from '@dayshift/domain/errors'
import type { EmbeddingSpace } from '@dayshift/llm'
import { z } from 'zod'

/**
 * A space that passages have vectors in. Search answers from the `active` one; a new model's is `filling` until every
 * passage has a vector in it; an `old` one is forgotten after a while.
 */
export const Space = z.object({
  id: z.string(),
  provider: z.string(),
  model: z.string(),
  dimensions: z.int(),
  /** What the model gave before zeros were added. */
  sourceDimensions: z.int(),
  version: z.string(),
  state: z.enum(['active', 'filling', 'old']),
  /** Since when it is in this state. */
  changedAt: z.date(),
})
export type Space = z.output<typeof Space>

/** Vectors of two spaces were about to be compared or kept as one. */
export class OtherSpace extends Conflict {
  override name = 'OtherSpace'
}

/** @throws OtherSpace when a vector is of another space than the one it is to be used in. */
export function requireSpace(wanted: Pick<EmbeddingSpace, 'id'>, given: Pick<EmbeddingSpace, 'id'>): void {
  if (given.id === wanted.id) return
  throw new OtherSpace(`Expected vectors in the embedding space ${wanted.id}, got ${given.id}: they do not compare.`)
}
