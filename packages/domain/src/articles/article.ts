import { z } from 'zod'

export const ArticleId = z.uuid()
export type ArticleId = z.output<typeof ArticleId>

/** An article in a list. */
export const ArticleRow = z.object({
  id: ArticleId,
  title: z.string(),
  url: z.string(),
  source: z.object({ id: z.uuid(), title: z.string() }),
  publishedAt: z.date().nullable(),
  discoveredAt: z.date(),
  wordCount: z.int(),
  revision: z.int(),
  indicatorCount: z.int(),
  techniqueCount: z.int(),
  /** The first words of the summary, or of the text while there is none. */
  excerpt: z.string(),
})
export type ArticleRow = z.output<typeof ArticleRow>

/** An article to read: `html` is safe to show, offsets count UTF-16 units in `text`. */
export const Article = ArticleRow.extend({
  author: z.string().nullable(),
  language: z.string().nullable(),
  changedAt: z.date(),
  text: z.string(),
  html: z.string(),
  textFrom: z.enum(['feed', 'page']),
  hiddenCharacters: z.int(),
})
export type Article = z.output<typeof Article>

export const ArticleRevision = z.object({
  revision: z.int(),
  title: z.string(),
  createdAt: z.date(),
  wordCount: z.int(),
})
export type ArticleRevision = z.output<typeof ArticleRevision>
