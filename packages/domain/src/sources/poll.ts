import { createHash } from 'node:crypto'
import type { Context } from '@dayshift/domain/context'
import { canonicalUrl } from '@dayshift/domain/documents'
import { listSamples } from '@dayshift/domain/samples'
import { decodeText, OutboundError, type OutboundResponse } from '@dayshift/outbound'
import { SandboxCrashed, SandboxOutOfMemory, SandboxTimeout } from '@dayshift/sandbox'
import { inTransaction } from '@dayshift/storage'
import type { Entry } from './entry.ts'
import { listQueuedKeys, queueEntries, requeueFailed } from './items.ts'
import type { Feed, FeedInput } from './parse-feed.ts'
import type { IndexInput } from './parse-index.ts'
import { type CheckState, type Check, getCheckState, getSource, moveSource, saveCheck } from './queries.ts'
import { LONGEST_ADDRESS, type Source, type SourceId } from './source.ts'

type Needs = Pick<Context, 'db' | 'outbound' | 'sandbox' | 'log' | 'clock'>

export interface Polled {
  sourceId: SourceId
  outcome: string
  /** Items to read now. */
  keys: string[]
}

const DAY_MS = 86_400_000
const feedParser = new URL('parse-feed.ts', import.meta.url)
const indexParser = new URL('parse-index.ts', import.meta.url)
const accept =
  'application/feed+json, application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.1'

/** What went wrong with a source, as one word for machines and one sentence for people. */
interface Problem {
  outcome: string
  detail: string
  ended?: boolean
  retryAfterMs?: number | undefined
}

/**
 * Asks one source for what is new and queues it. A source that fails is an outcome, not an error:
 * it is written down with its reason and asked again later, ever more rarely, at least once a day.
 */
export async function pollSource(needs: Needs, sourceId: SourceId): Promise<Polled> {
  const { db, clock, log } = needs
  const source = await getSource(db, sourceId)
  const before = await getCheckState(db, sourceId)
  const found = await ask(needs, source, before)
  const checkedAt = clock()
  const nextCheckAt = new Date(checkedAt.getTime() + delayMs(source, found))

  const outcome = await inTransaction(db, async (tx) => {
    if ('problem' in found) {
      const { outcome, detail, ended = false } = found.problem
      await saveCheck(tx, sourceId, { outcome, detail, checkedAt, nextCheckAt, failed: true, ended })
      return outcome
    }
    await requeueFailed(tx, sourceId)
    const fresh = await queueEntries(tx, sourceId, found.entries)
    const check: Check = {
      outcome: fresh > 0 ? 'new' : 'unchanged',
      detail: found.note ?? (fresh > 0 ? `${fresh} new or changed` : null),
      checkedAt,
      nextCheckAt,
      failed: false,
      state: found.state,
      siteUrl: found.siteUrl,
    }
    await saveCheck(tx, sourceId, check)
    const { movedTo = source.url } = found
    if (movedTo !== source.url && !(await moveSource(tx, sourceId, movedTo))) {
      log.warn({ source: source.url, movedTo }, 'a source moved to an address that another source has')
    }
    return check.outcome
  })
  if ('problem' in found) log.info({ source: source.url, ...found.problem }, 'source check failed')
  return { sourceId, outcome, keys: await listQueuedKeys(db, sourceId) }
}

type Found =
  | { problem: Problem }
  | {
      entries: Entry[]
      state: CheckState
      note?: string | undefined
      siteUrl?: string | undefined
      movedTo?: string | undefined
    }

async function ask({ outbound, sandbox }: Needs, source: Source, before: CheckState): Promise<Found> {
  if (source.kind === 'samples') return { entries: listSamples(), state: before }
  let response: OutboundResponse
  try {
    response = await outbound.get(source.url, {
      accept,
      ...(before.etag !== null && { etag: before.etag }),
      ...(before.lastModified !== null && { lastModified: before.lastModified }),
    })
  } catch (error) {
    // `closed`: this process is stopping, which says nothing about the source.
    if (!(error instanceof OutboundError) || error.code === 'closed') throw error
    return { problem: { outcome: error.code, detail: error.message } }
  }
  const movedTo = newAddress(response)
  if (response.notModified) return { entries: [], state: before, movedTo }
  if (response.status !== 200) return { problem: statusProblem(response) }

  const state = {
    etag: response.headers['etag'] ?? null,
    lastModified: response.headers['last-modified'] ?? null,
    bodySha256: createHash('sha256').update(response.body).digest('hex'),
  }
  if (state.bodySha256 === before.bodySha256) return { entries: [], state, movedTo }
  const contentType = response.headers['content-type']
  try {
    if (source.kind === 'page') {
      const { text } = decodeText(response.body, contentType, 'html')
      const input: IndexInput = { html: text, url: response.url }
      const index = await sandbox.run<IndexInput, { entries: Entry[] }>(indexParser, 'parseIndex', input)
      return { entries: index.entries, state, movedTo }
    }
    const { text } = decodeText(response.body, contentType, 'xml')
    const input: FeedInput = { text, url: response.url, ...(contentType !== undefined && { contentType }) }
    const feed = await sandbox.run<FeedInput, Feed>(feedParser, 'parseFeed', input)
    const note = feed.truncated ? `the feed was cut off; its ${feed.entries.length} whole items were kept` : feed.note
    // A truncated answer is not remembered, so that the next check asks for it whole.
    return {
      entries: feed.entries,
      state: feed.truncated ? before : state,
      siteUrl: feed.siteUrl,
      movedTo,
      note,
    }
  } catch (error) {
    return { problem: parserProblem(error) }
  }
}

/** Where the source is to be asked from now on, written as `addSource` writes addresses. */
function newAddress({ permanentRedirectTo }: OutboundResponse): string | undefined {
  const url = permanentRedirectTo && canonicalUrl(permanentRedirectTo)
  return url && url.length <= LONGEST_ADDRESS ? url : undefined
}

function statusProblem({ status, retryAfterMs }: OutboundResponse): Problem {
  if (status === 410)
    return {
      outcome: 'gone',
      detail: 'The source answered 410: it is gone for good and is not asked again.',
      ended: true,
    }
  const wait = retryAfterMs === undefined ? '' : ` and asked to wait ${Math.ceil(retryAfterMs / 1000)} s`
  const isBusy = status === 429 || status === 503
  return {
    outcome: isBusy ? 'slow-down' : `http-${status}`,
    detail: `The source answered ${status}${wait}${isBusy ? '' : '; 200 was expected'}.`,
    retryAfterMs,
  }
}

function parserProblem(error: unknown): Problem {
  // The thread died, or this process is stopping: that says nothing about the source.
  if (error instanceof SandboxCrashed || !(error instanceof Error)) throw error
  if (error instanceof SandboxTimeout) return { outcome: 'parser-timeout', detail: error.message }
  if (error instanceof SandboxOutOfMemory) return { outcome: 'parser-memory', detail: error.message }
  const outcome = 'code' in error && typeof error.code === 'string' ? error.code : 'unreadable'
  return { outcome, detail: error.message }
}

/** Failing sources are asked ever more rarely; a wish for patience is honoured within a day. */
function delayMs(source: Source, found: Found): number {
  const usualMs = source.checkEveryS * 1000
  if (!('problem' in found)) return usualMs
  const longestMs = Math.max(DAY_MS, usualMs)
  const backoffMs = usualMs * 2 ** source.failures
  return Math.min(Math.max(backoffMs, found.problem.retryAfterMs ?? 0), longestMs)
}
