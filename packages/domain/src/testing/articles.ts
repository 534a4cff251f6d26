import type { Context } from '@dayshift/domain/context'
import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

export interface TestArticle {
  title?: string
  text?: string
  url?: string
  /** A source made before; a new one when absent. */
  sourceId?: string
  /** ISO 8601. */
  publishedAt?: string | null
}

/** Puts one article into the database, in its first revision, without any of the steps that read it. */
export async function saveTestArticle(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { title = 'A report', text = 'A text.', publishedAt = '2026-11-19T09:00:00Z', ...given }: TestArticle = {},
): Promise<{ id: string; sourceId: string; url: string }> {
  const id = uuidv7()
  const sourceId = given.sourceId ?? (await saveTestSource({ db }))
  const url = given.url ?? `https://reports.example.org/${id}`
  const hash = createHash('sha256').update(text).digest('hex')
  await db
    .insertInto('article')
    .values({
      id,
      source_id: sourceId,
      url,
      identity: url,
      title,
      published_at: publishedAt === null ? null : new Date(publishedAt),
      discovered_at: clock(),
      changed_at: clock(),
      text,
      html: `<p>${text}</p>`,
      text_sha256: hash,
      text_from: 'page',
      word_count: text.split(/\s+/).length,
    })
    .execute()
  await db
    .insertInto('article_revision')
    .values({ article_id: id, revision: 1, title, text, text_sha256: hash, created_at: clock() })
    .execute()
  return { id, sourceId, url }
}

/** A feed that is never asked. */
export async function saveTestSource({ db }: Pick<Context, 'db'>, title = 'A source'): Promise<string> {
  const id = uuidv7()
  await db
    .insertInto('source')
    .values({ id, kind: 'feed', title, url: `https://feeds.example.org/${id}` })
    .execute()
  return id
}
