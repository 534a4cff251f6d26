import { jobTools, saveTestArticle, saveTestSource, useTestContext } from '@dayshift/domain/testing'
import { createDatabase } from '@dayshift/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkHealth } from './health.ts'
import { maintain } from './maintain.ts'
import { countTotals } from './totals.ts'

const open = useTestContext()
beforeEach(async () => {
  await open().db.deleteFrom('source').execute()
  await open().db.deleteFrom('outbox').execute()
})

describe('totals', () => {
  const none = {
    sources: 0,
    articles: 0,
    revisions: 0,
    duplicates: 0,
    skipped: 0,
    indicators: 0,
    techniques: 0,
    embeddings: 0,
    summaries: 0,
    failed: 0,
  }

  test('of nothing are nothing', async () => {
    expect(await countTotals(open().db)).toEqual(none)
  })

  test('count each thing once, and what failed wherever it failed', async () => {
    const { db } = open()
    const { id, sourceId } = await saveTestArticle(open())
    await db.updateTable('source').set({ failures: 3 }).where('id', '=', sourceId).execute()
    await saveTestSource(open())
    const revision = { article_id: id, revision: 2, title: 't', text: 't', text_sha256: 't', created_at: new Date() }
    await db.insertInto('article_revision').values(revision).execute()
    const item = { source_id: sourceId, fingerprint: 'f' }
    for (const outcome of ['duplicate', 'skipped', 'failed', 'article', 'queued'] as const)
      await db
        .insertInto('source_item')
        .values({ ...item, key: outcome, outcome })
        .execute()
    const place = { article_id: id, written: 'x', start_offset: 0, end_offset: 1 }
    await db
      .insertInto('indicator')
      .values({ ...place, kind: 'domain', value: 'a.example' })
      .execute()
    await db
      .insertInto('indicator')
      .values({ ...place, kind: 'domain', value: 'b', derived: true })
      .execute()
    await db
      .insertInto('article_technique')
      .values({ ...place, technique_id: 'T1', name: 'n', basis: 'id' })
      .execute()
    for (const state of ['dead', 'done'] as const)
      await db.insertInto('outbox').values({ job: 'j', queue: 'q', input: '{}', dedupe_key: null, state }).execute()
    expect(await countTotals(db)).toEqual({
      ...none,
      sources: 2,
      articles: 1,
      revisions: 1,
      duplicates: 1,
      skipped: 1,
      indicators: 1,
      techniques: 1,
      failed: 3,
    })
  })

  test('of given sources leave out what others have, also what failed there', async () => {
    const { db } = open()
    const other = await saveTestArticle(open())
    await db.updateTable('source').set({ failures: 3 }).where('id', '=', other.sourceId).execute()
    const item = { source_id: other.sourceId, fingerprint: 'f', key: 'k', outcome: 'failed' } as const
    await db.insertInto('source_item').values(item).execute()
    const { sourceId } = await saveTestArticle(open(), { url: 'https://given.example/1', text: 'The given one.' })
    expect(await countTotals(db, [sourceId])).toEqual({ ...none, sources: 1, articles: 1 })
    expect(await countTotals(db, [other.sourceId])).toEqual({ ...none, sources: 1, articles: 1, failed: 2 })
  })
})

describe('health', () => {
  test('says of each part that it works', async () => {
    const { ok, parts } = await checkHealth(open())
    expect(ok).toBe(true)
    expect(parts.map(({ name, ok }) => [name, ok])).toEqual([
      ['database', true],
      ['objects', true],
    ])
    expect(parts[0]?.detail).toMatch(/^pgvector \d/)
  })

  test('says which part is broken and why', async () => {
    const database = createDatabase('postgres://nobody@127.0.0.1:1/none')
    const broken = { ...open().objects, put: () => Promise.reject(new Error('the disk is full')) }
    const { ok, parts } = await checkHealth({ db: database.db, objects: broken })
    await database.close()
    expect(ok).toBe(false)
    expect(parts).toMatchObject([
      { name: 'database', ok: false, detail: expect.stringContaining('ECONNREFUSED') },
      { name: 'objects', ok: false, detail: 'the disk is full' },
    ])
  })

  test('a part that does not answer is broken', async () => {
    const silent = { ...open().objects, put: () => new Promise<never>(() => undefined) }
    const { ok, parts } = await checkHealth({ ...open(), objects: silent })
    expect(ok).toBe(false)
    expect(parts[1]).toMatchObject({ ok: false, detail: 'There was no answer within 5000 ms.' })
  })
})

test('maintenance removes old finished jobs and what has had its time, and nothing else', async () => {
  const { db, clock } = open()
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
  const job = { job: 'j', queue: 'q', input: '{}', dedupe_key: null }
  await db
    .insertInto('outbox')
    .values([
      { ...job, state: 'done', finished_at: daysAgo(15) },
      { ...job, state: 'dead', finished_at: daysAgo(15) },
      { ...job, state: 'done', finished_at: daysAgo(13) },
      { ...job, state: 'waiting' },
    ])
    .execute()
  const account_id = '0198c0de-0000-7000-8000-000000000001'
  await db
    .insertInto('account')
    .values({ id: account_id, name: 'a', role: 'administrator', password_hash: null, disabled_at: null })
    .execute()
  const expires = [clock().getTime() - 1000, clock().getTime() + 1000]
  for (const [n, time] of expires.entries())
    await db
      .insertInto('sign_in_link')
      .values({ token_sha256: `t${n}`, account_id, expires_at: new Date(time), used_at: null })
      .execute()
  const answer = { reply: '{}', provider: 'p', model: 'm' }
  const call = {
    request_id: 'r',
    attempt: 1,
    operation: 'complete',
    feature: 'f',
    account_id: null,
    provider: 'p',
  } as const
  const ended = { model: 'm', scope: 'region', tier: 'standard', due_at: clock(), state: 'settled' } as const
  for (const [n, ms] of [-1000, 1000].entries()) {
    await db
      .insertInto('model_answer')
      .values({ key: `k${n}`, ...answer, expires_at: new Date(clock().getTime() + ms) })
      .execute()
    for (const [free, days] of [[true, 30] as const, [false, 400] as const])
      await db
        .insertInto('model_call')
        .values({
          id: `${n} ${days}`,
          ...call,
          ...ended,
          free,
          started_at: new Date(clock().getTime() - days * 86_400_000 + ms),
        })
        .execute()
  }
  expect(await maintain.run(open(), {}, jobTools)).toEqual({ jobs: 2, links: 1, calls: 2, answers: 1 })
  expect(await db.selectFrom('model_call').select('id').orderBy('id').execute()).toEqual([
    { id: '1 30' },
    { id: '1 400' },
  ])
  expect(await db.selectFrom('outbox').select('state').orderBy('state').execute()).toEqual([
    { state: 'done' },
    { state: 'waiting' },
  ])
  expect(await db.selectFrom('sign_in_link').select('token_sha256').execute()).toEqual([{ token_sha256: 't1' }])
})
