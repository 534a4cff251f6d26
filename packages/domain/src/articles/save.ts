import { createHash } from 'node:crypto'
import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { ArticleId } from './article.ts'

/** An article as it was read, before we know whether we have it. */
export interface ReadArticle {
  sourceId: string
  /** The item of the source that gave it, and the article that this item gave before. */
  key: string
  articleId: ArticleId | null
  url: string
  /** Several items of the source have this address: it does not say which article this is. */
  sharesUrl: boolean
  title: string
  author: string | null
  language: string | null
  publishedAt: Date | null
  text: string
  html: string
  textFrom: 'feed' | 'page'
  /** The page could not be read: these are only the words that the feed has of it. */
  isTeaser: boolean
  hiddenCharacters: number
  rawObject: string | null
}

export interface Saved {
  outcome: 'article' | 'revision' | 'unchanged' | 'duplicate'
  articleId: ArticleId
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const countWords = (text: string): number => text.match(/\S+/g)?.length ?? 0
const itemIdentity = ({ url, key }: ReadArticle): string => `${url} ${sha256(key)}`

/**
 * Keeps an article exactly once: the same address is the same article, and so is the same text at another address.
 * A changed text or title of the same source makes a revision; the old state is kept.
 * Must run in a transaction: locks on address and text keep two readers of one story apart.
 */
export async function saveArticle(tx: Db, read: ReadArticle, now: Date): Promise<Saved> {
  const textSha256 = sha256(read.text)
  // In one order in every process, so that two articles that share both cannot wait for each other.
  for (const key of [`text ${textSha256}`, `url ${read.url}`]) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(tx)
  }
  const candidates = await listCandidates(tx, read, textSha256)
  const same = findSame(candidates, read, textSha256)
  const values = {
    title: read.title,
    author: read.author,
    language: read.language,
    text: read.text,
    html: read.html,
    text_sha256: textSha256,
    text_from: read.textFrom,
    word_count: countWords(read.text),
    hidden_characters: read.hiddenCharacters,
    changed_at: now,
  }
  if (same) {
    const isUnchanged = same.textSha256 === textSha256 && same.title === read.title
    if (isUnchanged || (read.isTeaser && same.textFrom === 'page')) return { outcome: 'unchanged', articleId: same.id }
    const revision = same.revision + 1
    await tx
      .updateTable('article')
      .set({ ...values, revision, ...(read.publishedAt && { published_at: read.publishedAt }) })
      .where('id', '=', same.id)
      .execute()
    await saveRevision(tx, same.id, revision, read, textSha256, now)
    return { outcome: 'revision', articleId: same.id }
  }
  const elsewhere = findElsewhere(candidates, read, textSha256)
  if (elsewhere) return { outcome: 'duplicate', articleId: elsewhere.id }
  const id = uuidv7()
  const isTaken = candidates.some(({ identity }) => identity === read.url)
  await tx
    .insertInto('article')
    .values({
      id,
      source_id: read.sourceId,
      url: read.url,
      identity: read.sharesUrl || isTaken ? itemIdentity(read) : read.url,
      published_at: read.publishedAt,
      discovered_at: now,
      ...values,
    })
    .execute()
  await saveRevision(tx, id, 1, read, textSha256, now)
  return { outcome: 'article', articleId: id }
}

type Candidate = Awaited<ReturnType<typeof listCandidates>>[number]

/** The articles that this may be, locked, so that two changes of one article come one after the other. */
function listCandidates(tx: Db, read: ReadArticle, textSha256: string) {
  return tx
    .selectFrom('article')
    .select(['id', 'source_id as sourceId', 'url', 'identity', 'title', 'revision'])
    .select(['text_sha256 as textSha256', 'text_from as textFrom'])
    .where((eb) =>
      eb.or([
        eb('id', '=', read.articleId),
        eb('identity', '=', itemIdentity(read)),
        eb('url', '=', read.url),
        eb('text_sha256', '=', textSha256),
      ]),
    )
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
}

/** The article of this source that this is, so that a difference is a revision. */
function findSame(candidates: Candidate[], read: ReadArticle, textSha256: string): Candidate | undefined {
  const own = candidates.filter(({ sourceId }) => sourceId === read.sourceId)
  // A feed may give one address to one story after the other: another item is this article only if it says the same.
  const isRetold = (known: Candidate) =>
    known.url === read.url && (known.title === read.title || known.textSha256 === textSha256)
  return own.find(({ id }) => id === read.articleId) ?? (read.sharesUrl ? undefined : own.find(isRetold))
}

/** The article that tells the same: word for word, or at the same address of another source. */
function findElsewhere(candidates: Candidate[], read: ReadArticle, textSha256: string): Candidate | undefined {
  const others = candidates.filter(({ sourceId }) => sourceId !== read.sourceId)
  return (
    candidates.find((known) => known.textSha256 === textSha256) ??
    others.find(({ identity }) => identity === itemIdentity(read)) ??
    (read.sharesUrl ? undefined : others.find(({ identity }) => identity === read.url))
  )
}

async function saveRevision(
  tx: Db,
  articleId: ArticleId,
  revision: number,
  { title, text, rawObject }: ReadArticle,
  textSha256: string,
  now: Date,
): Promise<void> {
  await tx
    .insertInto('article_revision')
    .values({
      article_id: articleId,
      revision,
      title,
      text,
      text_sha256: textSha256,
      raw_object: rawObject,
      created_at: now,
    })
    .execute()
}
