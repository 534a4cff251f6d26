import { z } from 'zod'

/** One item of a feed or index page, as its parser gives it. */
export const Entry = z.object({
  /** Stable within its source: guid or id, else the link. */
  key: z.string().min(1),
  url: z.string().optional(),
  /** The link as given, shortened, when it is no web address: it is never followed. */
  refusedLink: z.string().optional(),
  title: z.string(),
  author: z.string().optional(),
  /** ISO 8601 in UTC, only when the source says so. */
  publishedAt: z.string().optional(),
  updatedAt: z.string().optional(),
  /** As given: foreign, not sanitised. */
  html: z.string().optional(),
  /** What relative links in `html` are resolved against; absent: `url`. */
  baseUrl: z.string().optional(),
  categories: z.array(z.string()).optional(),
  /** The source gives this address to several entries: the address alone does not say which article it is. */
  sharesUrl: z.boolean().optional(),
  /** What was odd about the entry, in a sentence. */
  note: z.string().optional(),
})
export type Entry = z.output<typeof Entry>
