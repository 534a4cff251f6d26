import { useTestContext } from '@dayshift/domain/testing'
import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { measure } from './measure.ts'

const open = useTestContext(() => ({ now: '2026-11-20T12:00:00Z' }))
const hours = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', timeZone: 'UTC' }
const nothing = {
  backlog: 0,
  oldestDueS: 0,
  deadJobs: 0,
  sourceCheckAgeS: 0,
  modelCostTodayUsd: 0,
  budgetUsedRatio: 0,
}

beforeEach(async () => {
  open().setTime('2026-11-20T12:00:00Z')
  for (const table of ['source', 'outbox', 'budget', 'model_call'] as const) await open().db.deleteFrom(table).execute()
})

test('of nothing all is nothing', async () => {
  expect(await measure(open())).toEqual(nothing)
})

test('the backlog is what could run now and does not', async () => {
  const { db } = open()
  const add = (state: string, dueS: number) =>
    sql`insert into outbox (job, queue, input, state, run_at, sent_at)
      values ('j', 'q', '{}', ${state}, now() - ${dueS} * interval '1 s', case when ${state} in ('sent', 'running') then now() end)`.execute(
      db,
    )
  await add('waiting', 10)
  await add('waiting', -3600)
  await add('sent', 90)
  await add('running', 500)
  await add('done', 900)
  await add('dead', 900)
  const { backlog, oldestDueS, deadJobs } = await measure(open())
  expect([backlog, deadJobs]).toEqual([2, 1])
  expect(oldestDueS).toBeGreaterThanOrEqual(90)
  expect(oldestDueS).toBeLessThan(100)
})

describe('the age of the last source check', () => {
  const addSource = (active: boolean, checkedAt: string | null, createdAt = '2026-11-01T00:00:00Z') =>
    open()
      .db.insertInto('source')
      .values({
        id: crypto.randomUUID(),
        kind: 'feed',
        title: 't',
        url: `https://feeds.example/${crypto.randomUUID()}`,
        active,
        created_at: new Date(createdAt),
        last_checked_at: checkedAt === null ? null : new Date(checkedAt),
      })
      .execute()
  const ageS = async (given?: typeof hours) => (await measure(open(), { hours: given })).sourceCheckAgeS

  test('is that of the newest check of an active source', async () => {
    await addSource(true, '2026-11-20T10:00:00Z')
    await addSource(true, '2026-11-20T11:30:00Z')
    await addSource(false, '2026-11-20T11:59:00Z')
    expect(await ageS()).toBe(1800)
  })

  test('counts from the day a source was added while it was never checked', async () => {
    await addSource(true, null, '2026-11-20T11:00:00Z')
    expect(await ageS()).toBe(3600)
  })

  test('is no longer than the hours are open, and nothing outside them', async () => {
    await addSource(true, '2026-11-19T17:59:00Z')
    open().setTime('2026-11-20T08:10:00Z')
    expect(await ageS(hours)).toBe(600)
    expect(await ageS()).toBe(14 * 3600 + 11 * 60)
    open().setTime('2026-11-20T07:59:59Z')
    expect(await ageS(hours)).toBe(0)
  })
})

test('model calls of today count with their bill, or with the worst case while it is not known', async () => {
  const { db } = open()
  const call = (id: string, more: object) =>
    db
      .insertInto('model_call')
      .values({
        id,
        request_id: id,
        attempt: 1,
        operation: 'complete',
        feature: 'f',
        account_id: null,
        provider: 'p',
        model: 'm',
        scope: 'region',
        tier: 'standard',
        started_at: new Date('2026-11-20T00:00:00Z'),
        due_at: new Date('2026-11-20T00:10:00Z'),
        free: false,
        state: 'settled',
        ...more,
      })
      .execute()
  await call('settled', { cost_usd: '0.25', worst_case_usd: '9' })
  await call('open', { state: 'open', worst_case_usd: '0.5' })
  await call('no price', {})
  await call('yesterday', { cost_usd: '100', started_at: new Date('2026-11-19T23:59:59Z') })
  expect((await measure(open())).modelCostTodayUsd).toBe(0.75)
})

test('the budget that is used up most counts, with what is set aside', async () => {
  const { db } = open()
  const budget = async (what: 'all' | 'feature', limitUsd: number, spentUsd: number, reservedUsd: number) => {
    const id = crypto.randomUUID()
    const subject = what === 'all' ? null : id
    await db
      .insertInto('budget')
      .values({ id, what, subject, period: 'day', limit_usd: limitUsd, from_environment: false })
      .execute()
    await db
      .insertInto('budget_period')
      .values({ budget_id: id, starts_on: '2026-11-20', spent_usd: spentUsd, reserved_usd: reservedUsd })
      .execute()
  }
  await budget('all', 10, 1, 1)
  expect((await measure(open())).budgetUsedRatio).toBe(0.2)
  await budget('feature', 4, 2, 3)
  expect((await measure(open())).budgetUsedRatio).toBe(1.25)
})

test('a limit of nothing counts as used up once something was spent', async () => {
  const { db } = open()
  const id = crypto.randomUUID()
  await db
    .insertInto('budget')
    .values({ id, what: 'all', subject: null, period: 'month', limit_usd: 0, from_environment: false })
    .execute()
  expect((await measure(open())).budgetUsedRatio).toBe(0)
  await db
    .insertInto('budget_period')
    .values({ budget_id: id, starts_on: '2026-11-01', spent_usd: 0.01, reserved_usd: 0 })
    .execute()
  expect((await measure(open())).budgetUsedRatio).toBe(1)
})
