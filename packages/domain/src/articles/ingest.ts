import { createHash } from 'node:crypto'
import type { Context } from '@dayshift/domain/context'
import { canonicalUrl, type Content, type ExtractedArticle, readFragment, readPage } from '@dayshift/domain/documents'
import {
  type Entry,
  findItem,
  type Item,
  type ItemOutcome,
  lockItem,
  LONGEST_ADDRESS,
  settleItem,
} from '@dayshift/domain/sources'
import { decodeText, OutboundError, OutboundRefused } from '@dayshift/outbound'
import { SandboxOutOfMemory } from '@dayshift/sandbox'
import { inTransaction } from '@dayshift/storage'
import { ObjectExists } from '@dayshift/storage/objects'
import { type ReadArticle, saveArticle } from './save.ts'
import type { ArticleId } from './article.ts'

type Needs = Pick<Context, 'db' | 'outbound' | 'sandbox' | 'objects' | 'log' | 'clock'>

export interface Ingested {
  outcome: ItemOutcome
  articleId?: ArticleId
  /** The text is new: everything that is read out of it must be read again. */
  changed: boolean
}

export interface ItemKey {
  sourceId: string
  key: string
}

// Below this a feed's content is taken for a teaser and the page is fetched (measured feeds: teasers have up to 600).
const TEASER_CHARACTERS = 1500
const endsOpen = /(…|\.\.\.|\[…\]|\[\.\.\.\]|read more|continue reading)\W*$/i
const DAY_MS = 86_400_000

/** The item gives nothing to read; the reason is kept with it. */
class Unreadable extends Error {
  override name = 'Unreadable'
}

/** Its link leads where we never go: it is not to be shown either. */
class RefusedLink extends Unreadable {
  override name = 'RefusedLink'
}
const linkRefusals: ReadonlySet<string> = new Set(['scheme', 'credentials', 'port', 'address', 'name'])

/**
 * Reads one queued item of a source into an article: the feed's own content when it is whole, else the page.
 * Every end is written down with the item. Throws only when another try may help (`lastTry` false).
 */
export async function ingestArticle(needs: Needs, { sourceId, key }: ItemKey, lastTry: boolean): Promise<Ingested> {
  const { db, clock } = needs
  const item = await findItem(db, sourceId, key)
  if (!item) return nothing
  const { entry, fingerprint } = item
  if (item.outcome !== 'queued' || !entry) return settledBefore(item)
  let read: ReadArticle
  try {
    read = await readEntry(needs, { sourceId, articleId: item.articleId, entry })
  } catch (error) {
    if (!lastTry && !(error instanceof Unreadable)) throw error
    const outcome = error instanceof Unreadable ? 'skipped' : 'failed'
    const reason = error instanceof Error ? error.message : String(error)
    await settleItem(db, sourceId, key, { fingerprint, outcome, reason, at: clock() })
    return { outcome, changed: false }
  }
  return inTransaction(db, async (tx) => {
    const current = await lockItem(tx, sourceId, key)
    // The source changed it while we read; whoever saw the change asks for it again.
    if (current?.fingerprint !== fingerprint) return nothing
    if (current.outcome !== 'queued') return settledBefore(current)
    const { outcome, articleId } = await saveArticle(tx, read, clock())
    await settleItem(tx, sourceId, key, { fingerprint, outcome, articleId, at: clock() })
    return { outcome, articleId, changed: outcome === 'article' || outcome === 'revision' }
  })
}

const nothing: Ingested = { outcome: 'skipped', changed: false }

/** A step that ran before but whose follow-ups may be missing: say the same again. */
function settledBefore({ outcome, articleId }: Omit<Item, 'entry'>): Ingested {
  if (outcome === 'queued' || articleId === null) return nothing
  return { outcome, articleId, changed: outcome === 'article' || outcome === 'revision' }
}

async function readEntry(
  needs: Needs,
  { sourceId, articleId, entry }: { sourceId: string; articleId: ArticleId | null; entry: Entry },
): Promise<ReadArticle> {
  const { sandbox, clock, log } = needs
  const { url } = entry
  const isWeb = url !== undefined && /^https?:/i.test(url) && url.length <= LONGEST_ADDRESS
  const base = entry.baseUrl ?? url ?? 'https://dayshift.invalid/'
  const html = entry.html ?? ''
  const inFeed = html === '' ? undefined : await parsed(readFragment(sandbox, { html, url: base }))
  const fromFeed = inFeed?.text ? inFeed : undefined
  if (fromFeed && isWhole(fromFeed.text)) return article(fromFeed, { textFrom: 'feed' })
  if (entry.refusedLink !== undefined)
    throw new RefusedLink(`The item "${entry.title}" leads to ${entry.refusedLink}; a web address was expected.`)
  if (fromFeed && !isWeb) return article(fromFeed, { textFrom: 'feed' })
  if (!isWeb) throw new Unreadable(`The item "${entry.title}" has neither content nor a web address.`)
  try {
    const page = await fetchPage(needs, url, entry)
    if (page.text.length >= (fromFeed?.text.length ?? 1)) return article(page, { textFrom: 'page', ...page })
  } catch (error) {
    if (!(error instanceof Unreadable) || error instanceof RefusedLink || !fromFeed) throw error
    log.info({ url, reason: error.message }, 'the page cannot be read, the feed’s own text is kept')
  }
  if (!fromFeed) throw new Unreadable(`The page ${url} has no text.`)
  return article(fromFeed, { textFrom: 'feed', isTeaser: true })

  function article(
    content: Content & Partial<ExtractedArticle>,
    from: { textFrom: 'feed' | 'page'; address?: string; rawObject?: string; isTeaser?: boolean },
  ): ReadArticle {
    const address = isWeb ? canonicalUrl(from.address ?? url) : `${sourceId}/${entry.key}`
    // The dates of a feed were judged when it was read.
    const publishedAt = entry.publishedAt ?? pastDate(content.publishedAt, clock())
    return {
      sourceId,
      key: entry.key,
      articleId,
      url: address,
      sharesUrl: entry.sharesUrl ?? false,
      title: entry.title || content.title || address,
      author: entry.author ?? content.author ?? null,
      language: content.language ?? null,
      publishedAt: publishedAt === undefined ? null : new Date(publishedAt),
      text: content.text,
      html: content.html,
      textFrom: from.textFrom,
      isTeaser: from.isTeaser ?? false,
      hiddenCharacters: content.hiddenCharacters,
      rawObject: from.rawObject ?? null,
    }
  }
}

/** Undefined when a page dates itself more than a day ahead: it would stay the newest for years. */
function pastDate(date: string | undefined, now: Date): string | undefined {
  return date !== undefined && Date.parse(date) <= now.getTime() + DAY_MS ? date : undefined
}

const isWhole = (text: string): boolean => text.length >= TEASER_CHARACTERS && !endsOpen.test(text.slice(-40))

async function fetchPage(
  { outbound, sandbox, objects }: Needs,
  url: string,
  entry: Entry,
): Promise<ExtractedArticle & { address: string; rawObject: string }> {
  const response = await outbound
    .get(url, { accept: 'text/html, application/xhtml+xml;q=0.9' })
    .catch((error: unknown) => {
      if (error instanceof OutboundRefused && linkRefusals.has(error.code)) throw new RefusedLink(error.message)
      if (error instanceof OutboundError && !error.retryable) throw new Unreadable(error.message)
      throw error
    })
  if (response.status === 429 || response.status >= 500) throw new Error(`The page ${url} answered ${response.status}.`)
  if (response.status !== 200) throw new Unreadable(`The page ${url} answered ${response.status}; 200 was expected.`)
  const contentType = response.headers['content-type']
  if (contentType !== undefined && !/html|xml|text\/plain/i.test(contentType)) {
    throw new Unreadable(`The page ${url} is ${contentType}; HTML was expected.`)
  }
  const { text: html } = decodeText(response.body, contentType, 'html')
  const page = await parsed(readPage(sandbox, { html, url: response.url, title: entry.title }))
  const rawObject = `pages/${createHash('sha256').update(response.body).digest('hex')}.html`
  await objects.put(rawObject, response.body, { contentType: 'text/html', ifAbsent: true }).catch((error: unknown) => {
    if (!(error instanceof ObjectExists)) throw error
  })
  const fetched = response.url.length <= LONGEST_ADDRESS ? response.url : url
  return { ...page, address: ownAddress(page.canonicalUrl, fetched), rawObject }
}

/** A document that needs more memory than a parser may have is unreadable, now and the next time. */
async function parsed<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof SandboxOutOfMemory) throw new Unreadable(error.message)
    throw error
  }
}

/** A page may name its canonical address only on its own host: else one site could speak for another. */
function ownAddress(canonical: string | undefined, fetched: string): string {
  const isOwn = canonical !== undefined && canonical.length <= LONGEST_ADDRESS
  return isOwn && new URL(canonical).host === new URL(fetched).host ? canonical : fetched
}
