import { Conflict, NotFound } from '@dayshift/domain/errors'
import { useTestContext } from '@dayshift/domain/testing'
import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { NewBudget, resetOf } from './budget.ts'
import { ensureBudgets, listBudgets, removeBudget, setBudget } from './budgets.ts'
import { createLedger } from './ledger.ts'
import { pruneCalls } from './prune.ts'
import { spendingReport, type SpendingBy } from './report.ts'
import { answered, cut, plannedCall } from './testing/calls.ts'

const open = useTestContext()
const ledger = () => createLedger(open().db)
const all = { from: new Date('2026-11-19T00:00:00Z'), to: new Date('2026-11-22T00:00:00Z') }
const report = (by: SpendingBy) => spendingReport(open().db, { ...all, by })
const accountId = '0198c0de-0000-7000-8000-00000000000a'

beforeEach(async () => {
  await sql`truncate budget, budget_period, model_call`.execute(open().db)
})

async function paid(costUsd: number | null, given: Parameters<typeof plannedCall>[0] = {}): Promise<void> {
  const call = plannedCall(given)
  await ledger().reserve(call)
  await ledger().settle(call.id, answered(costUsd))
}

describe('the report', () => {
  test('of nothing is nothing', async () => {
    const { items, total } = await report('day')
    expect(items).toEqual([])
    expect(total).toMatchObject({ calls: 0, costUsd: 0, unsettledUsd: 0 })
  })

  test('adds up by day, feature, model and account', async () => {
    const at = (time: string) => ({ startedAt: new Date(time) })
    await paid(0.1, at('2026-11-19T23:59:59Z'))
    await paid(0.2, { ...at('2026-11-20T00:00:00Z'), feature: 'chat', model: 'other' })
    await paid(0.3, { ...at('2026-11-20T10:00:00Z'), accountId })
    await paid(9, at('2026-11-18T23:59:59Z'))
    await paid(9, at('2026-11-22T00:00:00Z'))
    const sums = async (by: SpendingBy) =>
      (await report(by)).items.map(({ key, calls, costUsd }) => [key, calls, costUsd])
    expect(await sums('day')).toEqual([
      ['2026-11-19', 1, 0.1],
      ['2026-11-20', 2, 0.5],
    ])
    expect(await sums('feature')).toEqual([
      ['article.summary', 2, 0.4],
      ['chat', 1, 0.2],
    ])
    expect(await sums('model')).toEqual([
      ['bedrock/amazon.nova-micro-v1:0', 2, 0.4],
      ['bedrock/other', 1, 0.2],
    ])
    expect(await sums('account')).toEqual([
      [accountId, 1, 0.3],
      [null, 2, expect.closeTo(0.3, 12)],
    ])
    expect((await report('account')).total).toMatchObject({
      calls: 3,
      costUsd: 0.6,
      inputTokens: 300,
      outputTokens: 30,
    })
  })

  test('says apart what failed, what has no price and what is not settled', async () => {
    await paid(0.5)
    await paid(null)
    await ledger().reserve(plannedCall({ worstCaseUsd: 0.25 }))
    const lost = plannedCall({ worstCaseUsd: 2 })
    await ledger().reserve(lost)
    await ledger().settle(lost.id, cut)
    expect((await report('day')).items).toMatchObject([
      { calls: 4, failed: 1, unpriced: 1, unsettled: 2, unsettledUsd: 2.25, costUsd: 0.5 },
    ])
  })
})

describe('budgets', () => {
  test('of the environment come and go with it, beside those that were set by hand', async () => {
    await setBudget(open(), { what: 'all', subject: null, period: 'day', limitUsd: 3 })
    await ensureBudgets(open(), { dailyUsd: 1.5, monthlyUsd: 45 })
    await ensureBudgets(open(), { dailyUsd: 2 })
    const shown = async () =>
      (await listBudgets(open())).map(({ period, limitUsd, fromEnvironment }) => [period, limitUsd, fromEnvironment])
    expect(await shown()).toEqual([
      ['day', 2, true],
      ['day', 3, false],
    ])
    const [environment, own] = await listBudgets(open())
    await expect(removeBudget(open(), environment!.id)).rejects.toThrow(Conflict)
    await ensureBudgets(open(), {})
    expect(await shown()).toEqual([['day', 3, false]])
    await removeBudget(open(), own!.id)
    await expect(removeBudget(open(), own!.id)).rejects.toThrow(NotFound)
  })

  test('a new limit keeps what was spent', async () => {
    await setBudget(open(), { what: 'feature', subject: 'chat', period: 'month', limitUsd: 3 })
    await paid(0.5, { feature: 'chat' })
    const changed = await setBudget(open(), { what: 'feature', subject: 'chat', period: 'month', limitUsd: 1 })
    expect(changed).toMatchObject({ limitUsd: 1, spentUsd: 0.5, reservedUsd: 0, leftUsd: 0.5 })
    expect(changed.resetsAt).toEqual(new Date('2026-12-01T00:00:00Z'))
  })

  test.each([
    ['day', '2026-02-28T12:00:00Z', '2026-03-01T00:00:00Z'],
    ['day', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00Z'],
    ['month', '2026-01-31T00:00:00Z', '2026-02-01T00:00:00Z'],
    ['month', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ] as const)('of a %s at %s end at %s', (period, at, end) => {
    expect(resetOf(period, new Date(at))).toEqual(new Date(end))
  })

  test.each([
    { what: 'all', subject: 'x', period: 'day', limitUsd: 1 },
    { what: 'feature', period: 'day', limitUsd: 1 },
    { what: 'feature', subject: ' ', period: 'day', limitUsd: 1 },
    { what: 'account', subject: 'me', period: 'day', limitUsd: 1 },
    { what: 'all', period: 'week', limitUsd: 1 },
    { what: 'all', period: 'day', limitUsd: -1 },
    { what: 'all', period: 'day', limitUsd: Number.NaN },
  ])('are not %o', (budget) => {
    expect(NewBudget.safeParse(budget).success).toBe(false)
  })
})

test('old calls go: free ones after 30 days, paid ones after 400, and none that is under way', async () => {
  const now = new Date('2028-01-01T00:00:00Z')
  const ago = (days: number) => ({ startedAt: new Date(now.getTime() - days * 86_400_000) })
  await paid(1, ago(401))
  await paid(1, ago(399))
  await ledger().reserve(plannedCall(ago(401)))
  for (const days of [31, 29]) await ledger().record(plannedCall({ ...ago(days), worstCaseUsd: 0 }), answered(0))
  expect(await pruneCalls(open().db, { now, freeDays: 30, paidDays: 400 })).toBe(2)
  const rows = await open().db.selectFrom('model_call').select(['free', 'state']).orderBy('started_at').execute()
  expect(rows).toEqual([
    { free: false, state: 'open' },
    { free: false, state: 'settled' },
    { free: true, state: 'settled' },
  ])
})
