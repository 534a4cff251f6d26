import { z } from 'zod'
import { textToHtml } from '@dayshift/domain/documents'
import type { Entry } from './entry.ts'
import { toEntry } from './feed-entry.ts'
import { FeedError } from './feed-guard.ts'

const text = z.coerce.string().optional().catch(undefined)
const Author = z.object({ name: text }).optional().catch(undefined)
const Item = z.object({
  id: z.union([z.string(), z.number()]).transform(String).optional().catch(undefined),
  url: z.string().optional().catch(undefined),
  external_url: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  content_html: z.string().optional().catch(undefined),
  content_text: z.string().optional().catch(undefined),
  summary: z.string().optional().catch(undefined),
  date_published: z.string().optional().catch(undefined),
  date_modified: z.string().optional().catch(undefined),
  author: Author,
  authors: z.array(Author).optional().catch(undefined),
  tags: z.array(z.string().catch('')).optional().catch(undefined),
})
const Feed = z.object({
  version: z.string().regex(/^https?:\/\/(www\.)?jsonfeed\.org\/version\/1/),
  title: z.string().catch(''),
  home_page_url: z.string().optional().catch(undefined),
  items: z.array(z.unknown()),
})

const maximumDepth = 64

export interface JsonFeed {
  title: string
  homePageUrl: string | undefined
  entries: Entry[]
  truncated: boolean
}

/** A JSON Feed 1.0 or 1.1 (jsonfeed.org); of a cut document the entries that are whole. Throws FeedError. */
export function parseJsonFeed(
  source: string,
  { url, now, limit }: { url: string; now: number; limit: number },
): JsonFeed {
  const { value, truncated } = readJson(source)
  const feed = Feed.safeParse(value)
  if (!feed.success)
    throw new FeedError('not-a-feed', 'JSON that does not name a version of jsonfeed.org and a list of items')
  const { title, home_page_url: homePageUrl, items } = feed.data
  const bases = [url]
  const entries = items.slice(0, limit).flatMap((item) => {
    const read = Item.safeParse(item)
    if (!read.success) return []
    const { data } = read
    const html =
      data.content_html ??
      (data.content_text ? textToHtml(data.content_text) : data.summary && textToHtml(data.summary))
    const authors = (data.authors ?? [data.author]).map((author) => author?.name).filter(Boolean)
    const raw = {
      id: data.id,
      links: [data.url, data.external_url, isAddress(data.id) ? data.id : undefined],
      bases,
      title: { text: data.title ?? '', html: false },
      author: authors.join(', '),
      published: data.date_published,
      updated: data.date_modified,
      html,
      categories: data.tags ?? [],
    }
    return toEntry(raw, now)
  })
  return { title, homePageUrl, entries, truncated }
}

const isAddress = (id: string | undefined) => id !== undefined && /^https?:\/\//.test(id)

/** Depth is counted before parsing, since a parsed tree too deep cannot even be copied. */
function readJson(source: string): { value: unknown; truncated: boolean } {
  const { depth, lastItemEnd } = scan(source)
  try {
    return { value: JSON.parse(source), truncated: false }
  } catch {
    if (depth > 0 && lastItemEnd > 0) {
      try {
        return { value: JSON.parse(`${source.slice(0, lastItemEnd)}]}`), truncated: true }
      } catch {
        // Told below: nothing of it can be read.
      }
    }
    if (depth > 0) throw new FeedError('truncated', 'JSON that ends before its first entry is complete')
    throw new FeedError('not-a-feed', 'text that begins like JSON and is none')
  }
}

/** How many brackets are open at the end, and where the last object of a list in the outermost object ended. */
function scan(source: string): { depth: number; lastItemEnd: number } {
  let depth = 0
  let lastItemEnd = 0
  for (const token of source.matchAll(/"(?:[^"\\]|\\.)*(?:"|$)|[[\]{}]/gs)) {
    const [mark] = token
    if (mark === '{' || mark === '[') depth += 1
    if (mark === '}' || mark === ']') depth -= 1
    if (mark === '}' && depth === 2) lastItemEnd = token.index + 1
    if (depth > maximumDepth) throw new FeedError('too-deep', `JSON with more than ${maximumDepth} levels`)
  }
  return { depth, lastItemEnd }
}
