import { pollBatches } from '@dayshift/domain/batches'
import { saveTestArticle, useTestContext } from '@dayshift/domain/testing'
import type { BatchModels, Target } from '@dayshift/llm'
import { batchesAgainst, createMemoryObjects, type FakeBatch, startFakeBatch } from '@dayshift/llm/testing'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { backfillSummaries, planSummaryBackfill } from './backfill.ts'
import { summaryBatches } from './batch.ts'
import { findSummary, saveSummary } from './queries.ts'

const open = useTestContext()

let fake: FakeBatch
let models: BatchModels
let say: (recordId: string, question: string) => string

beforeEach(async () => {
  await sql`truncate article, model_batch, model_batch_item, model_call, outbox cascade`.execute(open().db)
  const objects = createMemoryObjects()
  say = (_, question) => ` Summary of ${/Text \d+/.exec(question)?.[0]}.\n`
  fake = await startFakeBatch({
    objects,
    bucket: 'reports',
    nanoUsdPerToken: { input: 30, output: 120 },
    minRecords: 3,
    answer: (recordId, asked) => ({ text: say(recordId, JSON.stringify(asked)), inputTokens: 900, outputTokens: 100 }),
  })
  models = batchesAgainst(fake, { objects })
})

afterEach(async () => {
  models.close()
  await fake.close()
})

/** Articles from the newest. */
const saveArticles = async (count: number): Promise<string[]> => {
  const ids: string[] = []
  for (let n = 0; n < count; n += 1) {
    const publishedAt = new Date(Date.UTC(2026, 10, 19, 12 - n)).toISOString()
    ids.push((await saveTestArticle(open(), { text: `Text ${n}.`, publishedAt })).id)
  }
  return ids
}

const summarizedBy = (articleId: string, provider: string, revision = 1) =>
  saveSummary(open().db, {
    articleId,
    revision,
    text: 'An older summary.',
    provider,
    model: 'm',
    promptVersion: 'p',
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    createdAt: open().clock(),
  })

const context = () => ({ ...open(), batches: models })
const plan = (options: { limit?: number; from?: string } = {}) =>
  planSummaryBackfill(context(), { limit: 100, ...options })
const poll = () => pollBatches(context(), [summaryBatches])
const queued = async () => {
  const rows = await open().db.selectFrom('outbox').select(['job', 'input']).orderBy('id').execute()
  return rows.map(({ job, input }) => [job, (input as { articleId: string }).articleId])
}

describe('a back-fill', () => {
  test('is about articles without a summary of their present state, newest first', async () => {
    const [first, second, third, fourth] = await saveArticles(4)
    await summarizedBy(second!, 'bedrock')
    await summarizedBy(third!, 'local')
    await summarizedBy(fourth!, 'bedrock')
    await open().db.updateTable('article').set({ revision: 2 }).where('id', '=', fourth!).execute()
    expect((await plan()).articleIds).toEqual([first, fourth])
    expect((await plan({ from: 'local' })).articleIds).toEqual([first, third, fourth])
    expect((await plan({ from: 'local', limit: 2 })).articleIds).toEqual([first, third])
  })

  test('leaves out what is being summarised already', async () => {
    const [first, second] = await saveArticles(2)
    await backfillSummaries(context(), { articleIds: [first!], way: 'jobs', model: undefined, worstCaseUsd: null })
    expect((await plan()).articleIds).toEqual([second])
    const more = await saveArticles(3)
    await backfillSummaries(context(), { articleIds: more, way: 'batch', model: undefined, worstCaseUsd: null })
    expect((await plan()).articleIds).toEqual([second])
  })

  test('goes in a batch, and its answers become summaries', async () => {
    const ids = await saveArticles(3)
    const planned = await plan()
    expect(planned).toMatchObject({ way: 'batch', articleIds: ids })
    const { batchIds, jobs } = await backfillSummaries(context(), planned)
    expect({ batches: batchIds.length, jobs }).toEqual({ batches: 1, jobs: 0 })
    await fake.work()
    await poll()
    const summaries = await Promise.all(ids.map((id) => findSummary(open().db, id)))
    expect(summaries.map((summary) => summary?.text)).toEqual([0, 1, 2].map((n) => `Summary of Text ${n}.`))
    expect(summaries[0]).toMatchObject({
      provider: 'bedrock',
      model: 'amazon.nova-lite-v1:0',
      promptVersion: 'article-summary-1',
      createdAt: new Date('2026-11-20T12:00:00Z'),
    })
    const row = await open().db.selectFrom('summary').selectAll().where('article_id', '=', ids[0]!).executeTakeFirst()
    // (900 × $0.03 + 100 × $0.12) / 1,000,000
    expect(row).toMatchObject({ input_tokens: 900, output_tokens: 100, cost_usd: '0.00003900' })
    expect((await plan()).articleIds).toEqual([])
  })

  test('costs in a batch half of what it costs by jobs, at most', async () => {
    await saveArticles(3)
    const batch = await plan()
    const jobs = await planSummaryBackfill({ ...open() }, { limit: 100, target: models.resolve() })
    expect([batch.way, jobs.way]).toEqual(['batch', 'jobs'])
    expect(batch.worstCaseUsd! * 2).toBeCloseTo(jobs.worstCaseUsd!, 12)
    // 400 tokens out for each, and some in: 3 × 400 × $0.12 / 1,000,000 is the lower bound.
    expect(batch.worstCaseUsd).toBeGreaterThan(0.000144)
    const free: Target = { provider: 'local', id: 'local', model: undefined, scope: 'region', warnings: [], free: true }
    expect((await planSummaryBackfill(open(), { limit: 100, target: free })).worstCaseUsd).toBe(0)
    expect((await planSummaryBackfill(open(), { limit: 100 })).worstCaseUsd).toBeNull()
  })

  test('goes by jobs when it is too small for a batch or there are none', async () => {
    const ids = await saveArticles(2)
    const planned = await plan()
    expect(planned.way).toBe('jobs')
    expect(await backfillSummaries(context(), planned)).toEqual({ batchIds: [], jobs: 2 })
    expect(await queued()).toEqual(ids.map((id) => ['article.summarize', id]))
  })

  test('is cut into batches of about equal size', async () => {
    await saveArticles(7)
    const small = { ...context(), batches: { ...models, maxRecords: 4 } }
    const { batchIds, jobs } = await backfillSummaries(small, await plan())
    expect({ batches: batchIds.length, jobs }).toEqual({ batches: 2, jobs: 0 })
    const rows = await open().db.selectFrom('model_batch').select('records').orderBy('created_at').execute()
    expect(rows.map(({ records }) => records).toSorted((a, b) => a - b)).toEqual([3, 4])
  })

  test('does nothing for nothing', async () => {
    expect(await plan()).toEqual({ articleIds: [], way: 'jobs', model: undefined, worstCaseUsd: 0 })
    expect(await backfillSummaries(context(), await plan())).toEqual({ batchIds: [], jobs: 0 })
  })
})

describe('an answer of a batch', () => {
  const backfill = async (count = 3) => {
    const ids = await saveArticles(count)
    await backfillSummaries(context(), await plan())
    return ids
  }

  test('to an article that changed meanwhile is not kept: the new state has its own step', async () => {
    const [id] = await backfill()
    await open().db.updateTable('article').set({ revision: 2 }).where('id', '=', id!).execute()
    await fake.work()
    await poll()
    expect(await findSummary(open().db, id!)).toBeUndefined()
    expect(await queued()).toEqual([])
  })

  test('to an article that is gone is let go, and the others are kept', async () => {
    const [gone, other] = await backfill()
    await open().db.deleteFrom('article').where('id', '=', gone!).execute()
    await fake.work()
    expect(await poll()).toEqual({ finished: 1, waiting: 0 })
    expect(await findSummary(open().db, other!)).toBeDefined()
    expect(await queued()).toEqual([])
  })

  test('that is empty is asked for again by a job', async () => {
    const ids = await backfill()
    say = (recordId) => (recordId === 'R0000000001' ? ' \n' : 'Something.')
    await fake.work()
    await poll()
    const failed = await open()
      .db.selectFrom('model_batch_item')
      .select(['ref', 'error'])
      .where('state', '=', 'failed')
      .executeTakeFirstOrThrow()
    expect(failed.error).toContain('empty answer')
    const { articleId } = failed.ref as { articleId: string }
    expect(ids).toContain(articleId)
    expect(await queued()).toEqual([['article.summarize', articleId]])
    expect(await findSummary(open().db, articleId)).toBeUndefined()
  })
})
