import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '@dayshift/domain/context'
import { DomainError } from '@dayshift/domain/errors'
import { countTotals, type Totals } from '@dayshift/domain/health'
import { addSource, importOpml, listSources, poll } from '@dayshift/domain/sources'
import { decodeText, OutboundError } from '@dayshift/outbound'
import { enqueue, step } from '@dayshift/queue'
import type { Queues } from '@dayshift/queue/bullmq'
import { StartError } from '@dayshift/runtime'
import type { Options } from './options.ts'
import { type Run, startQueues } from './run.ts'

const PROGRESS_MS = 1000
const IDLE_CHECK_MS = 50

/**
 * The main job without the page: collects from the given sources, reads everything, prints a summary.
 * All of it is about the given sources, whatever else the data folder holds.
 * Returns the exit status: 1 when something was lost, that is a source, an item or a job that failed.
 */
export async function collectOnce(run: Run, options: Options): Promise<number> {
  const { print } = run
  const { context } = run.open
  const sourceIds = await addSources(context, options, print)
  const before = await countTotals(context.db, sourceIds)
  await enqueue(context.db, ...sourceIds.map((sourceId) => step(poll, { sourceId })))
  const queues = await startQueues(run, false)
  await untilIdle(context, queues, sourceIds, print)

  const totals = await countTotals(context.db, sourceIds)
  const seconds = Math.round(performance.now() / 100) / 10
  const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024)
  await printFailures(context, sourceIds, print)
  print(
    `Done in ${seconds} s: ${totals.articles} articles (${totals.articles - before.articles} new) from ${totals.sources} sources, ` +
      `${totals.indicators} indicators, ${totals.techniques} techniques, ${totals.summaries} summaries, ${totals.failed} failed.`,
  )
  if (options.json) print(JSON.stringify({ ...totals, seconds, peakRssMb }))
  return totals.failed > 0 ? 1 : 0
}

async function addSources(context: Context, options: Options, print: Run['print']): Promise<string[]> {
  const ids = new Set<string>()
  for (const place of options.opml) {
    const { ids: listed, skipped } = await explained(place, async () =>
      importOpml(context, await readText(context, place)),
    )
    for (const { url, reason } of skipped) print(`skipped ${url ?? 'an entry'}: ${reason}`)
    for (const id of listed) ids.add(id)
  }
  for (const url of options.feeds) ids.add((await explained(url, () => addSource(context, { url }, 'feed'))).id)
  for (const url of options.pages) ids.add((await explained(url, () => addSource(context, { url }, 'page'))).id)
  if (ids.size === 0) throw new StartError('None of the given sources can be used; see the lines above.')
  return [...ids]
}

/** What a person gave us and cannot be used: one line with its place and the reason. */
async function explained<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const isKnown = error instanceof DomainError || error instanceof OutboundError || hasCode(error)
    if (isKnown) throw new StartError(`${place}: ${error.message}`)
    throw error
  }
}

const hasCode = (error: unknown): error is Error => error instanceof Error && 'code' in error

async function readText({ outbound }: Context, place: string): Promise<string> {
  if (!/^https?:/i.test(place)) return decodeText(await readFile(place), undefined, 'xml').text
  const response = await outbound.get(place)
  if (response.status !== 200)
    throw new StartError(`${place}: answered ${response.status}; 200 with an OPML list was expected.`)
  return decodeText(response.body, response.headers['content-type'], 'xml').text
}

async function untilIdle({ db }: Context, queues: Queues, ids: string[], print: Run['print']): Promise<void> {
  let printedAt = performance.now()
  let line = ''
  while (!(await queues.idle())) {
    await sleep(IDLE_CHECK_MS)
    if (performance.now() - printedAt < PROGRESS_MS) continue
    printedAt = performance.now()
    const next = progress(await countTotals(db, ids), await queues.counts())
    if (next !== line) print((line = next))
  }
}

function progress(totals: Totals, counts: Awaited<ReturnType<Queues['counts']>>): string {
  const left = counts
    .filter(({ state }) => state !== 'done' && state !== 'dead')
    .reduce((sum, { count }) => sum + count, 0)
  return `${totals.articles} articles, ${totals.summaries} summaries, ${totals.indicators} indicators; ${left} jobs to do`
}

async function printFailures({ db }: Context, ids: string[], print: Run['print']): Promise<void> {
  for (const { id, url, failures, outcome, outcomeDetail } of await listSources(db)) {
    if (ids.includes(id) && failures > 0) print(`failed ${url}: ${outcome ?? ''}: ${outcomeDetail ?? ''}`)
  }
  const lost = await db
    .selectFrom('source_item')
    .select(['url', 'key', 'outcome', 'reason'])
    .where('source_id', 'in', ids)
    .where('outcome', 'in', ['failed', 'skipped'])
    .orderBy('key')
    .limit(100)
    .execute()
  for (const { url, key, outcome, reason } of lost) print(`${outcome} ${url ?? key}: ${reason ?? ''}`)
}
