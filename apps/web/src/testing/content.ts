import { randomUUID } from 'node:crypto'
import type { Db } from '@dayshift/storage'

/** Adds a source with an address of its own; returns its id. */
export async function insertSource(db: Db, title = 'A source'): Promise<string> {
  const id = randomUUID()
  await db
    .insertInto('source')
    .values({ id, kind: 'feed', title, url: `https://feeds.example.org/${id}` })
    .execute()
  return id
}

export interface NewArticle {
  sourceId: string
  title?: string
  publishedAt?: Date | null
  text?: string
}

/** Adds an article as a poll would; returns its id. */
export async function insertArticle(
  db: Db,
  { sourceId, title = 'An article', publishedAt = new Date(), text = 'Some text.' }: NewArticle,
): Promise<string> {
  const id = randomUUID()
  await db
    .insertInto('article')
    .values({
      id,
      source_id: sourceId,
      url: `https://site.example/${id}`,
      identity: `https://site.example/${id}`,
      title,
      author: null,
      language: 'en',
      published_at: publishedAt,
      discovered_at: new Date(),
      changed_at: new Date(),
      text,
      html: `<p>${text}</p>`,
      text_sha256: id,
      text_from: 'feed',
      word_count: 2,
    })
    .execute()
  return id
}
