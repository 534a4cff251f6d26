import { ArticleRow } from '@dayshift/domain/articles'
import { z } from 'zod'

/** A found article with its best passage. `matched` says which lists found it. */
export const Hit = z.object({
  article: ArticleRow,
  passage: z.object({ text: z.string(), startOffset: z.int(), endOffset: z.int() }).nullable(),
  /** Parts of the passage that are words of the question: pairs of offsets within `passage.text`. */
  highlights: z.array(z.tuple([z.int(), z.int()])),
  matched: z.array(z.enum(['title', 'words', 'meaning', 'indicator'])),
  score: z.number(),
})
export type Hit = z.output<typeof Hit>
