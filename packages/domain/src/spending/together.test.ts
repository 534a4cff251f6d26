import { LlmOverBudget, type PlannedCall } from '@dayshift/llm'
import { createDatabase } from '@dayshift/storage'
import { useTestDatabase } from '@dayshift/storage/testing'
import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { ensureBudgets, listBudgets, setBudget } from './budgets.ts'
import { createLedger } from './ledger.ts'
import { answered, cut, plannedCall } from './testing/calls.ts'

const database = useTestDatabase()
const part = (now = '2026-11-20T12:00:00Z') => ({ db: database().db, clock: () => new Date(now) })
const ledger = () => createLedger(database().db)
const rowOf = (id: string) =>
  database().db.selectFrom('model_call').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const callsOf = (count: number, given?: Partial<PlannedCall>) => Array.from({ length: count }, () => plannedCall(given))
const moneyOf = async (now?: string) =>
  (await listBudgets(part(now))).map(({ subject, period, spentUsd, reservedUsd }) => [
    subject ?? period,
    spentUsd,
    reservedUsd,
  ])
/** How each of the calls fared that were reserved at once. */
async function reserveAtOnce(calls: PlannedCall[], { reserve } = ledger()) {
  const results = await Promise.allSettled(calls.map((call) => reserve(call)))
  return results.map((result) => (result.status === 'fulfilled' ? 'ok' : (result.reason as Error)))
}
/** A row that was written by a transaction bears its number. */
async function countTransactions(): Promise<number> {
  const { rows } = await sql`select distinct xmin::text from model_call`.execute(database().db)
  return rows.length
}

beforeEach(async () => {
  await sql`truncate budget, budget_period, model_call`.execute(database().db)
})

describe('calls that are reserved at once', () => {
  test('are entered in one transaction', async () => {
    await ensureBudgets(part(), { dailyUsd: 100, monthlyUsd: 200 })
    expect(await reserveAtOnce(callsOf(20))).toEqual(Array.from({ length: 20 }, () => 'ok'))
    expect(await countTransactions()).toBe(1)
    expect(await moneyOf()).toEqual([
      ['day', 0, 20],
      ['month', 0, 20],
    ])
  })

  test('pass but for those that do not fit, which say why', async () => {
    await ensureBudgets(part(), { dailyUsd: 5 })
    const calls = [1, 10, Number.NaN, null, 4].map((worstCaseUsd) => plannedCall({ worstCaseUsd }))
    const [first, second, noNumber, ...others] = await reserveAtOnce(calls)
    expect([first, ...others]).toEqual(['ok', 'ok', 'ok'])
    expect(second).toBeInstanceOf(LlmOverBudget)
    expect((second as LlmOverBudget).budget).toMatchObject({ name: 'all, per day', usedUsd: 1, neededUsd: 10 })
    expect(noNumber).toBeInstanceOf(LlmOverBudget)
    await expect(rowOf(calls[1]!.id)).rejects.toThrow('no result')
    expect(await moneyOf()).toEqual([['day', 0, 5]])
  })

  test('of unknown price pass together only while anything is left', async () => {
    await ensureBudgets(part(), { dailyUsd: 1 })
    expect(await reserveAtOnce(callsOf(3, { worstCaseUsd: null }))).toEqual(['ok', 'ok', 'ok'])
    expect(await reserveAtOnce(callsOf(2, { worstCaseUsd: 0.5 }))).toEqual(['ok', 'ok'])
    const names = (await reserveAtOnce(callsOf(3, { worstCaseUsd: null }))).map((error) => (error as Error).name)
    expect(names).toEqual(['LlmOverBudget', 'LlmOverBudget', 'LlmOverBudget'])
    expect(await moneyOf()).toEqual([['day', 0, 1]])
  })

  test('pass but for those that the database cannot take', async () => {
    await ensureBudgets(part(), { dailyUsd: 5 })
    const [one, two] = callsOf(2) as [PlannedCall, PlannedCall]
    const calls = [one, plannedCall({ accountId: 'nobody' }), two, one]
    const [first, noUuid, second, twice] = await reserveAtOnce(calls)
    expect([first, second]).toEqual(['ok', 'ok'])
    expect(String(noUuid)).toContain('invalid input syntax for type uuid: "nobody"')
    expect(String(twice)).toContain('model_call_pkey')
    expect(await moneyOf()).toEqual([['day', 0, 2]])
  })

  test('set their money aside each in its own budgets and its own day', async () => {
    await setBudget(part(), { what: 'all', subject: null, period: 'month', limitUsd: 100 })
    await setBudget(part(), { what: 'feature', subject: 'a', period: 'day', limitUsd: 100 })
    await setBudget(part(), { what: 'feature', subject: 'b', period: 'day', limitUsd: 100 })
    const tomorrow = new Date('2026-11-21T00:00:00Z')
    const calls = [
      ...callsOf(2, { feature: 'a' }),
      ...callsOf(3, { feature: 'b' }),
      ...callsOf(4, { feature: 'b', startedAt: tomorrow }),
      ...callsOf(5, { feature: 'c' }),
    ]
    const shared = ledger()
    // The first of tomorrow opens its periods.
    await shared.reserve(plannedCall({ feature: 'a', startedAt: tomorrow }))
    expect(new Set(await reserveAtOnce(calls, shared))).toEqual(new Set(['ok']))
    expect(await countTransactions()).toBe(2)
    const today = await moneyOf()
    expect([today, await moneyOf('2026-11-21T12:00:00Z')]).toEqual([
      [
        ['month', 0, 15],
        ['a', 0, 2],
        ['b', 0, 3],
      ],
      [
        ['month', 0, 15],
        ['a', 0, 1],
        ['b', 0, 4],
      ],
    ])
    await Promise.all(calls.map(({ id }) => shared.settle(id, answered(0.25))))
    expect([await moneyOf(), await moneyOf('2026-11-21T12:00:00Z')]).toEqual([
      [
        ['month', 3.5, 1],
        ['a', 0.5, 0],
        ['b', 0.75, 0],
      ],
      [
        ['month', 3.5, 1],
        ['a', 0, 1],
        ['b', 1, 0],
      ],
    ])
  })

  test('open the day that they are the first of', async () => {
    await ensureBudgets(part(), { dailyUsd: 3 })
    const results = await reserveAtOnce(callsOf(5, { startedAt: new Date('2026-11-21T00:00:00Z') }))
    expect(results.filter((result) => result === 'ok')).toHaveLength(3)
    expect(await moneyOf('2026-11-21T12:00:00Z')).toEqual([['day', 0, 3]])
  })
})

describe('settling at once', () => {
  test('counts each call once, whoever settles it and how often', { timeout: 60_000 }, async () => {
    await ensureBudgets(part(), { dailyUsd: 1000, monthlyUsd: 2000 })
    const calls = callsOf(200)
    await reserveAtOnce(calls)
    const pools = Array.from({ length: 3 }, () => createDatabase(database().url))
    const settling = pools.flatMap(({ db }, n) => {
      const { settle } = createLedger(db)
      const ids = calls.map(({ id }) => id)
      const order = [ids, ids.toReversed(), [...ids.slice(100), ...ids.slice(0, 100)]][n]!
      return [...order, ...order].map((id) => settle(id, answered(0.25)))
    })
    await Promise.all(settling)
    for (const { close } of pools) await close()
    expect(await moneyOf()).toEqual([
      ['day', 50, 0],
      ['month', 50, 0],
    ])
  })

  test('writes each outcome to its own call, and of two for one call the first', async () => {
    await ensureBudgets(part(), { dailyUsd: 5 })
    const [one, two, three] = callsOf(3) as [PlannedCall, PlannedCall, PlannedCall]
    const shared = ledger()
    await reserveAtOnce([one, two, three], shared)
    await Promise.all([
      shared.settle(one.id, answered(0.25)),
      shared.settle(two.id, cut),
      shared.settle(two.id, answered(0.5)),
      shared.settle(three.id, answered(null)),
      shared.settle('never reserved', answered(1)),
    ])
    expect(await rowOf(one.id)).toMatchObject({ state: 'settled', cost_usd: '0.250000000000', took_ms: 812 })
    expect(await rowOf(two.id)).toMatchObject({ state: 'unsure', result: cut.result, first_piece_ms: 12 })
    expect(await rowOf(three.id)).toMatchObject({ state: 'settled', cost_usd: null, input_tokens: 100 })
    expect(await moneyOf()).toEqual([['day', 1.25, 1]])
  })

  test('writes all but what the database cannot take', async () => {
    await ensureBudgets(part(), { dailyUsd: 5 })
    const calls = callsOf(3)
    const shared = ledger()
    await reserveAtOnce(calls, shared)
    const costs = [0.25, -1, 0.5]
    const results = await Promise.allSettled(calls.map(({ id }, n) => shared.settle(id, answered(costs[n]!))))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await moneyOf()).toEqual([['day', 0.75, 1]])
  })
})

test('500 calls of five processes’ worth of pools never exceed a limit of 100', { timeout: 60_000 }, async () => {
  await ensureBudgets(part(), { dailyUsd: 100, monthlyUsd: 150 })
  const pools = Array.from({ length: 5 }, () => createDatabase(database().url, { maxConnections: 4 }))
  const all = pools.map(async ({ db }, n) => {
    const shared = createLedger(db)
    // Some come at once and some a little later, so that groups of every size meet.
    const results = Array.from({ length: 100 }, async (_, k) => {
      await new Promise((resolve) => setTimeout(resolve, (k % 10) * (n + 1)))
      return reserveAtOnce([plannedCall()], shared)
    })
    return (await Promise.all(results)).flat()
  })
  const results = (await Promise.all(all)).flat()
  for (const { close } of pools) await close()
  expect(results.filter((result) => result === 'ok')).toHaveLength(100)
  expect(results.filter((result) => result instanceof LlmOverBudget)).toHaveLength(400)
  expect(await moneyOf()).toEqual([
    ['day', 0, 100],
    ['month', 0, 100],
  ])
  const { rows } = await sql`select 1 from model_call`.execute(database().db)
  expect(rows).toHaveLength(100)
})
