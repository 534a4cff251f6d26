import { createLedger, ensureBudgets } from '@dayshift/domain/spending'
import { beforeEach, describe, expect, test } from 'vitest'
import { useTestWeb } from '../testing/web.ts'

const web = useTestWeb()
const budgets = '/api/v1/budgets'
const put = (payload: object) => web().person('PUT', budgets, { payload })
const daily = { what: 'all', period: 'day', limitUsd: 1.5 }

beforeEach(async () => {
  await web().context.db.deleteFrom('budget').execute()
  await web().context.db.deleteFrom('model_call').execute()
})

/** Two paid calls: one settled for 25 cents, one of at most 50 cents under way. */
async function makeCalls(startedAt: Date): Promise<void> {
  const ledger = createLedger(web().context.db)
  for (const [attempt, worstCaseUsd] of [1, 0.5].entries()) {
    const call = {
      requestId: 'r',
      attempt,
      operation: 'stream',
      accountId: web().account.id,
      tier: 'standard',
    } as const
    const model = { provider: 'bedrock', model: 'm', scope: 'geo', promptVersion: null } as const
    const id = `${startedAt.toISOString()} ${attempt}`
    await ledger.reserve({ id, ...call, ...model, feature: 'chat', startedAt, dueAt: startedAt, worstCaseUsd })
    const usage = { inputTokens: 40, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 }
    if (attempt === 0) await ledger.settle(id, { result: 'ok', usage, costUsd: 0.25, tookMs: 1, firstPieceMs: 1 })
  }
}

describe('budgets', () => {
  test('are made, changed, listed and removed', async () => {
    const made = await put(daily)
    expect(made.statusCode).toBe(200)
    const budget = made.json()
    expect(budget).toMatchObject({ ...daily, subject: null, fromEnvironment: false, spentUsd: 0, leftUsd: 1.5 })
    expect((await put({ ...daily, limitUsd: 2 })).json()).toMatchObject({ id: budget.id, limitUsd: 2 })
    expect((await web().reader('GET', budgets)).json().items).toMatchObject([{ id: budget.id, limitUsd: 2 }])
    expect((await web().person('DELETE', `${budgets}/${budget.id}`)).statusCode).toBe(204)
    expect((await web().person('DELETE', `${budgets}/${budget.id}`)).statusCode).toBe(404)
    expect((await web().reader('GET', budgets)).json()).toEqual({ items: [] })
  })

  test('of the environment cannot be removed here', async () => {
    await ensureBudgets(web().context, { monthlyUsd: 45 })
    const [{ id, fromEnvironment }] = (await web().person('GET', budgets)).json().items
    expect(fromEnvironment).toBe(true)
    const answer = await web().person('DELETE', `${budgets}/${id}`)
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'conflict'])
  })

  test('are not changed by tokens, which they hold in check', async () => {
    expect((await web().writer('PUT', budgets, { payload: daily })).statusCode).toBe(403)
    const { id } = (await put(daily)).json()
    expect((await web().writer('DELETE', `${budgets}/${id}`)).statusCode).toBe(403)
  })

  test.each([
    { ...daily, limitUsd: -1 },
    { ...daily, period: 'week' },
    { ...daily, subject: 'x' },
    { what: 'feature', period: 'day', limitUsd: 1 },
    { what: 'account', subject: 'me', period: 'day', limitUsd: 1 },
    { ...daily, fromEnvironment: true },
  ])('are not %o', async (payload) => {
    expect((await put(payload)).statusCode).toBe(400)
  })
})

describe('spending', () => {
  test('of this month is shown with the budgets and what is not settled', async () => {
    const startedAt = web().context.clock()
    await put({ what: 'account', subject: web().account.id, period: 'month', limitUsd: 5 })
    await makeCalls(startedAt)
    const { items, total, budgets, from } = (await web().reader('GET', '/api/v1/spending?by=model')).json()
    const sums = { calls: 2, costUsd: 0.25, inputTokens: 40, outputTokens: 2, unsettled: 1, unsettledUsd: 0.5 }
    expect(items).toEqual([expect.objectContaining({ key: 'bedrock/m', ...sums })])
    expect(total).toMatchObject(sums)
    expect(from).toBe(`${startedAt.toISOString().slice(0, 7)}-01T00:00:00.000Z`)
    const { resetsAt, ...budget } = budgets[0]
    expect(budget).toMatchObject({ spentUsd: 0.25, reservedUsd: 0.5, leftUsd: 4.25 })
    expect(resetsAt).toMatch(/-01T00:00:00.000Z$/)
  })

  test('of another time is asked for by its ends, the last one left out', async () => {
    await makeCalls(new Date('2026-02-03T04:05:06Z'))
    const callsIn = async (from: string, to: string) =>
      (await web().person('GET', `/api/v1/spending?from=${from}&to=${encodeURIComponent(to)}`)).json().total.calls
    expect(await callsIn('2026-02-03T04:05:06Z', '2026-02-03T04:05:07Z')).toBe(2)
    expect(await callsIn('2026-02-03T00:00:00Z', '2026-02-03T04:05:06Z')).toBe(0)
    expect(await callsIn('2026-02-03T04:00:00Z', '2026-02-03T06:00:00+02:00')).toBe(0)
  })

  test.each([
    'by=hour',
    'from=yesterday',
    'from=2026-02-01',
    'from=2026-02-02T00:00:00Z&to=2026-02-01T00:00:00Z',
    'x=1',
  ])('is not asked for by %s', async (query) => {
    expect((await web().person('GET', `/api/v1/spending?${query}`)).statusCode).toBe(400)
  })
})
