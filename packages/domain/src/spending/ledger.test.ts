import { useTestContext } from '@dayshift/domain/testing'
import { LlmOverBudget } from '@dayshift/llm'
import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { ensureBudgets, listBudgets, setBudget } from './budgets.ts'
import { createLedger } from './ledger.ts'
import { expireOverdue } from './reconcile.ts'
import { answered, cut, plannedCall } from './testing/calls.ts'

const open = useTestContext()
const ledger = () => createLedger(open().db)
const perDay = (limitUsd: number) => ensureBudgets(open(), { dailyUsd: limitUsd })
const rowOf = (id: string) =>
  open().db.selectFrom('model_call').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const moneyOf = async () =>
  (await open().db.selectFrom('budget_period').selectAll().orderBy('id').execute()).map((row) => ({
    since: row.starts_on,
    spent: row.spent_usd,
    reserved: row.reserved_usd,
  }))

beforeEach(async () => {
  await sql`truncate budget, budget_period, model_call`.execute(open().db)
  open().setTime('2026-11-20T12:00:00Z')
})

describe('one call', () => {
  test('is entered before it is sent, and settled with what it used and cost', async () => {
    const call = plannedCall({ accountId: '0198c0de-0000-7000-8000-000000000001', promptVersion: 'p-1', tier: 'flex' })
    await ledger().reserve(call)
    expect(await rowOf(call.id)).toMatchObject({ state: 'open', result: null, cost_usd: null, settled_at: null })
    const usage = { inputTokens: 7, outputTokens: 5, cacheReadTokens: 3, cacheWriteTokens: 2, cacheWrite1hTokens: 1 }
    await ledger().settle(call.id, {
      result: 'ok',
      usage,
      costUsd: 0.000_000_008_75,
      tookMs: 812.4,
      firstPieceMs: 99.6,
    })
    expect(await rowOf(call.id)).toMatchObject({
      request_id: call.requestId,
      attempt: 1,
      operation: 'complete',
      feature: 'article.summary',
      account_id: '0198c0de-0000-7000-8000-000000000001',
      provider: 'bedrock',
      model: 'amazon.nova-micro-v1:0',
      scope: 'region',
      tier: 'flex',
      prompt_version: 'p-1',
      started_at: call.startedAt,
      due_at: call.dueAt,
      free: false,
      worst_case_usd: '1.000000000000',
      state: 'settled',
      result: 'ok',
      cost_usd: '0.000000008750',
      input_tokens: 7,
      output_tokens: 5,
      cache_read_tokens: 3,
      cache_write_tokens: 2,
      cache_write_1h_tokens: 1,
      took_ms: 812,
      first_piece_ms: 100,
    })
  })

  test('that costs nothing is written in one step and touches no budget', async () => {
    await perDay(0)
    const call = plannedCall({ provider: 'local', worstCaseUsd: 0 })
    await ledger().record(call, answered(0))
    await ledger().record(call, answered(0))
    expect(await rowOf(call.id)).toMatchObject({ state: 'settled', free: true, cost_usd: '0.000000000000' })
    expect(await moneyOf()).toEqual([{ since: '2026-11-20', spent: '0.000000000000', reserved: '0.000000000000' }])
  })

  test('cannot be entered twice', async () => {
    await perDay(5)
    const call = plannedCall()
    await ledger().reserve(call)
    await expect(ledger().reserve(call)).rejects.toThrow('model_call_pkey')
    expect(await moneyOf()).toMatchObject([{ reserved: '1.000000000000' }])
  })
})

describe('a budget', () => {
  test('holds the worst case until the call is settled, then what it cost, once', async () => {
    await perDay(5)
    const call = plannedCall()
    await ledger().reserve(call)
    expect(await moneyOf()).toMatchObject([{ spent: '0.000000000000', reserved: '1.000000000000' }])
    for (let times = 0; times < 3; times++) await ledger().settle(call.id, answered(0.25))
    expect(await moneyOf()).toMatchObject([{ spent: '0.250000000000', reserved: '0.000000000000' }])
  })

  test('refuses what does not fit, says why, and nothing is written', async () => {
    await perDay(1.5)
    await ledger().reserve(plannedCall())
    const call = plannedCall({ worstCaseUsd: 0.6 })
    const refused: unknown = await ledger()
      .reserve(call)
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(LlmOverBudget)
    expect((refused as LlmOverBudget).budget).toEqual({
      name: 'all, per day',
      limitUsd: 1.5,
      usedUsd: 1,
      neededUsd: 0.6,
      resetsAt: new Date('2026-11-21T00:00:00Z'),
    })
    expect(await moneyOf()).toMatchObject([{ reserved: '1.000000000000' }])
    await expect(rowOf(call.id)).rejects.toThrow('no result')
    await ledger().reserve(plannedCall({ worstCaseUsd: 0.5 }))
  })

  test('of a feature or an account holds only its own calls, and all that apply must fit', async () => {
    const accountId = '0198c0de-0000-7000-8000-00000000000a'
    await setBudget(open(), { what: 'all', subject: null, period: 'month', limitUsd: 10 })
    await setBudget(open(), { what: 'feature', subject: 'chat', period: 'day', limitUsd: 2 })
    await setBudget(open(), { what: 'account', subject: accountId, period: 'month', limitUsd: 1 })
    const tryIt = async (given: Parameters<typeof plannedCall>[0]) =>
      ledger()
        .reserve(plannedCall(given))
        .then(() => 'ok')
        .catch((error: LlmOverBudget) => `${error.budget.name} until ${error.budget.resetsAt.toISOString()}`)
    expect(await tryIt({ feature: 'chat', accountId })).toBe('ok')
    expect(await tryIt({ feature: 'other', accountId })).toBe(
      `account ${accountId}, per month until 2026-12-01T00:00:00.000Z`,
    )
    expect(await tryIt({ feature: 'chat' })).toBe('ok')
    expect(await tryIt({ feature: 'chat' })).toBe('feature chat, per day until 2026-11-21T00:00:00.000Z')
    expect(await tryIt({ worstCaseUsd: 8.5 })).toBe('all, per month until 2026-12-01T00:00:00.000Z')
    expect(await tryIt({ worstCaseUsd: 8 })).toBe('ok')
    const left = (await listBudgets(open())).map(({ what, leftUsd }) => [what, leftUsd])
    expect(left).toEqual([
      ['all', 0],
      ['feature', 0],
      ['account', 0],
    ])
  })

  test('begins anew at midnight UTC, and a call is settled in the day in which it was reserved', async () => {
    await perDay(1)
    const late = plannedCall({ startedAt: new Date('2026-11-20T23:59:59.999Z') })
    await ledger().reserve(late)
    await expect(ledger().reserve(plannedCall())).rejects.toThrow(LlmOverBudget)
    await ledger().reserve(plannedCall({ startedAt: new Date('2026-11-21T00:00:00Z'), worstCaseUsd: 0.9 }))
    await ledger().settle(late.id, answered(0.4))
    expect(await moneyOf()).toEqual([
      { since: '2026-11-20', spent: '0.400000000000', reserved: '0.000000000000' },
      { since: '2026-11-21', spent: '0.000000000000', reserved: '0.900000000000' },
    ])
  })

  test('made in the middle of a month counts what the month has cost so far, and settles what is under way', async () => {
    const [done, open1, before] = [
      plannedCall(),
      plannedCall(),
      plannedCall({ startedAt: new Date('2026-10-31T23:59:59Z') }),
    ]
    for (const call of [done, open1, before]) await ledger().reserve(call)
    await ledger().settle(done.id, answered(0.25))
    await ensureBudgets(open(), { dailyUsd: 8, monthlyUsd: 9 })
    const both = (spent: string, reserved: string) => [
      { since: '2026-11-20', spent, reserved },
      { since: '2026-11-01', spent, reserved },
    ]
    const sorted = async () => (await moneyOf()).toSorted((a, b) => b.since.localeCompare(a.since))
    expect(await sorted()).toEqual(both('0.250000000000', '1.000000000000'))
    await ledger().settle(open1.id, answered(0.5))
    await ledger().settle(before.id, answered(0.5))
    expect(await sorted()).toEqual(both('0.750000000000', '0.000000000000'))
  })

  test('keeps the worst case of a call that may be billed, and of one whose process died', async () => {
    await perDay(5)
    const [one, two] = [plannedCall(), plannedCall({ worstCaseUsd: 2 })]
    await ledger().reserve(one)
    await ledger().reserve(two)
    await ledger().settle(one.id, cut)
    expect(await expireOverdue(open().db, new Date('2026-11-20T12:10:00Z'))).toBe(0)
    expect(await expireOverdue(open().db, new Date('2026-11-20T12:10:01Z'))).toBe(1)
    expect(await rowOf(one.id)).toMatchObject({ state: 'unsure', result: 'LlmTruncatedStream', cost_usd: null })
    expect(await rowOf(two.id)).toMatchObject({ state: 'unsure', result: null })
    expect(await moneyOf()).toMatchObject([{ spent: '0.000000000000', reserved: '3.000000000000' }])
  })

  test('a process that was taken for dead and was only slow still says what its call cost', async () => {
    await perDay(5)
    const call = plannedCall()
    await ledger().reserve(call)
    await expireOverdue(open().db, new Date('2026-11-20T13:00:00Z'))
    await ledger().settle(call.id, answered(0.25))
    await ledger().settle(call.id, cut)
    expect(await rowOf(call.id)).toMatchObject({ state: 'settled', result: 'ok' })
    expect(await moneyOf()).toMatchObject([{ spent: '0.250000000000', reserved: '0.000000000000' }])
  })

  test('lets calls of unknown price pass while anything is left, and counts nothing for them', async () => {
    await perDay(1)
    const call = plannedCall({ worstCaseUsd: null })
    await ledger().reserve(call)
    await ledger().settle(call.id, answered(null))
    expect(await rowOf(call.id)).toMatchObject({ state: 'settled', worst_case_usd: null, cost_usd: null })
    await ledger().reserve(plannedCall({ worstCaseUsd: 1 }))
    await expect(ledger().reserve(plannedCall({ worstCaseUsd: null }))).rejects.toThrow(LlmOverBudget)
  })

  test('counts the worst case as spent where the price of what was used is not known', async () => {
    await perDay(5)
    const call = plannedCall()
    await ledger().reserve(call)
    await ledger().settle(call.id, answered(null))
    expect(await rowOf(call.id)).toMatchObject({ state: 'settled', cost_usd: null })
    expect(await moneyOf()).toMatchObject([{ spent: '1.000000000000', reserved: '0.000000000000' }])
  })

  test('adds tenths without the error of binary fractions', async () => {
    await perDay(1)
    for (let n = 0; n < 10; n++) {
      const call = plannedCall({ worstCaseUsd: 0.1 })
      await ledger().reserve(call)
      if (n % 2) await ledger().settle(call.id, answered(0.1))
    }
    expect(await moneyOf()).toMatchObject([{ spent: '0.500000000000', reserved: '0.500000000000' }])
    await expect(ledger().reserve(plannedCall({ worstCaseUsd: 0.000_000_000_001 }))).rejects.toThrow(LlmOverBudget)
  })
})

describe('many at once', () => {
  test('500 reservations never exceed a limit of 100, and each that fits is let in', { timeout: 60_000 }, async () => {
    await ensureBudgets(open(), { dailyUsd: 100, monthlyUsd: 200 })
    const calls = Array.from({ length: 500 }, () => plannedCall())
    const shared = ledger()
    const results = await Promise.allSettled(calls.map((call) => shared.reserve(call)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(100)
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []))
    expect(new Set(reasons.map(({ name }) => name))).toEqual(new Set(['LlmOverBudget']))
    expect(await moneyOf()).toMatchObject([{ reserved: '100.000000000000' }, { reserved: '100.000000000000' }])
    await Promise.all(calls.flatMap(({ id }) => [shared.settle(id, answered(0.1)), shared.settle(id, answered(0.1))]))
    expect(await moneyOf()).toMatchObject([
      { spent: '10.000000000000', reserved: '0.000000000000' },
      { spent: '10.000000000000', reserved: '0.000000000000' },
    ])
  })

  test(
    'calls that share some budgets and are settled in any order neither wait in a circle nor miscount',
    { timeout: 60_000 },
    async () => {
      for (const feature of ['a', 'b', 'c'])
        for (const period of ['day', 'month'] as const)
          await setBudget(open(), { what: 'feature', subject: feature, period, limitUsd: 1000 })
      const shared = ledger()
      const settled = Array.from({ length: 150 }, async (_, n) => {
        // The budgets for all are made while calls are under way.
        if (n === 40) await setBudget(open(), { what: 'all', subject: null, period: 'day', limitUsd: 1000 })
        if (n === 80) await ensureBudgets(open(), { monthlyUsd: 1000 })
        const call = plannedCall({ feature: 'abc'[n % 3]! })
        await shared.reserve(call)
        await shared.settle(call.id, answered(0.01))
      })
      await Promise.all(settled)
      const budgets = await listBudgets(open())
      expect(budgets.map(({ what, spentUsd, reservedUsd }) => [what, spentUsd, reservedUsd])).toEqual([
        ['all', 1.5, 0],
        ['all', 1.5, 0],
        ...Array.from({ length: 6 }, () => ['feature', 0.5, 0]),
      ])
    },
  )
})
