import { gzipSync } from 'node:zlib'
import { jobTools, useTestContext } from '@dayshift/domain/testing'
import type { PlannedCall, Usage } from '@dayshift/llm'
import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { ensureBudgets, listBudgets } from './budgets.ts'
import type { InvocationLogs } from './invocation-logs.ts'
import { reconcileSpending } from './jobs.ts'
import { createLedger } from './ledger.ts'
import { expireOverdue, type LogRecord, reconcile, type UnsureCall, type VendorLog } from './reconcile.ts'
import { answered, cut, plannedCall, usageOf } from './testing/calls.ts'

const open = useTestContext()
const noon = new Date('2026-11-20T12:00:00Z')
/** A dollar for a million tokens in, two for a million out. */
const priceOf = (_: UnsureCall, { inputTokens, outputTokens }: Usage) => (inputTokens + 2 * outputTokens) / 1_000_000
const recordOf = ({ id }: PlannedCall, usage: Usage): LogRecord => ({
  callId: id,
  usage,
  modelId: 'm',
  timestamp: noon,
})
const rowOf = (id: string) =>
  open().db.selectFrom('model_call').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const money = async () => {
  const [budget] = await listBudgets(open())
  return [budget?.spentUsd, budget?.reservedUsd]
}

beforeEach(async () => {
  await sql`truncate budget, budget_period, model_call`.execute(open().db)
  open().setTime('2026-11-20T12:00:00Z')
  await ensureBudgets(open(), { dailyUsd: 100 })
})

/** Calls whose processes died. */
async function lose(...calls: PlannedCall[]): Promise<void> {
  for (const call of calls) await createLedger(open().db).reserve(call)
  await expireOverdue(open().db, new Date('2026-11-20T13:00:00Z'))
}

const logOf = (records: LogRecord[], given: Partial<VendorLog> = {}): VendorLog => ({
  records,
  completeUntil: new Date('2026-11-22T00:00:00Z'),
  wasKept: () => true,
  priceOf,
  ...given,
})

describe('a call that was never settled', () => {
  test('costs what all its records in the log add up to, whatever else stands there', async () => {
    const [call, other] = [plannedCall(), plannedCall()]
    await lose(call)
    const cached = { ...usageOf(100, 50), cacheReadTokens: 7, cacheWriteTokens: 9, cacheWrite1hTokens: 5 }
    const log = logOf([recordOf(call, cached), recordOf(other, usageOf(9, 9)), recordOf(call, usageOf(1000, 1))])
    expect(await reconcile(open(), log)).toEqual({ settled: 1, notBilled: 0, unsure: 0 })
    expect(await rowOf(call.id)).toMatchObject({
      state: 'settled',
      result: 'lost',
      // 1,100 in and 51 out
      cost_usd: '0.001202000000',
      input_tokens: 1100,
      output_tokens: 51,
      cache_read_tokens: 7,
      cache_write_tokens: 9,
      cache_write_1h_tokens: 5,
    })
    expect(await money()).toEqual([0.001202, 0])
  })

  test('keeps the reason that its process gave', async () => {
    const call = plannedCall()
    await lose(call)
    await createLedger(open().db).settle(call.id, cut)
    await reconcile(open(), logOf([recordOf(call, usageOf(10, 0))]))
    expect(await rowOf(call.id)).toMatchObject({
      result: 'LlmTruncatedStream',
      took_ms: 90,
      cost_usd: '0.000010000000',
    })
  })

  test('is settled once, also by two reconcilers at the same time and by its process afterwards', async () => {
    const calls = Array.from({ length: 20 }, () => plannedCall())
    await lose(...calls)
    const log = () => reconcile(open(), logOf(calls.map((call) => recordOf(call, usageOf(1_000_000, 0)))))
    const counts = await Promise.all([log(), log(), log()])
    expect(counts.reduce((sum, { settled }) => sum + settled, 0)).toBe(20)
    await createLedger(open().db).settle(calls[0]!.id, answered(5))
    expect(await log()).toEqual({ settled: 0, notBilled: 0, unsure: 0 })
    expect(await money()).toEqual([20, 0])
  })

  test('never reached the vendor when a log that was kept is silent about it for a day', async () => {
    const call = plannedCall()
    await lose(call)
    const until = (completeUntil: string) => logOf([], { completeUntil: new Date(completeUntil) })
    const stillUnsure = { settled: 0, notBilled: 0, unsure: 1 }
    expect(await reconcile(open(), until('2026-11-21T11:59:59Z'))).toEqual(stillUnsure)
    expect(await reconcile(open(), logOf([], { wasKept: () => false }))).toEqual(stillUnsure)
    expect(await money()).toEqual([0, 1])
    expect(await reconcile(open(), until('2026-11-21T12:00:00Z'))).toEqual({ settled: 0, notBilled: 1, unsure: 0 })
    expect(await rowOf(call.id)).toMatchObject({ state: 'settled', result: 'not-billed', cost_usd: '0.000000000000' })
    expect(await money()).toEqual([0, 0])
  })

  test('that is an item of a batch is not in the log, whose silence then says nothing', async () => {
    const call = plannedCall({ operation: 'batch', tier: 'batch' })
    await lose(call)
    expect(await reconcile(open(), logOf([]))).toEqual({ settled: 0, notBilled: 0, unsure: 0 })
    expect(await rowOf(call.id)).toMatchObject({ state: 'unsure', cost_usd: null })
    await createLedger(open().db).settle(call.id, answered(0.1))
    expect(await rowOf(call.id)).toMatchObject({ state: 'settled', cost_usd: '0.100000000000' })
  })

  test('waits while the log may lack some of its records', async () => {
    const call = plannedCall()
    await lose(call)
    const records = [recordOf(call, usageOf(1, 1))]
    const early = logOf(records, { completeUntil: new Date(call.dueAt.getTime() - 1) })
    expect(await reconcile(open(), early)).toEqual({ settled: 0, notBilled: 0, unsure: 1 })
    expect(await reconcile(open(), logOf(records, { completeUntil: call.dueAt }))).toMatchObject({ settled: 1 })
  })

  test('of unknown price is settled without a cost, loudly, and its worst case is counted', async () => {
    const call = plannedCall()
    await lose(call)
    await reconcile(open(), logOf([recordOf(call, usageOf(1, 1))], { priceOf: () => null }))
    expect(await rowOf(call.id)).toMatchObject({ state: 'settled', cost_usd: null, input_tokens: 1 })
    expect(await money()).toEqual([1, 0])
    expect(open().logged).toContain('warn the price of a billed call is not known')
  })
})

describe('the hourly job', () => {
  // Lines of the form <call id> <tokens in> <tokens out>.
  const logs = (): InvocationLogs => ({
    objects: open().objects,
    priceOf,
    read: (text) =>
      text.split('\n').map((line) => {
        const [callId = '', inputTokens, outputTokens] = line.split(' ')
        return { callId, usage: usageOf(Number(inputTokens), Number(outputTokens)), modelId: 'm', timestamp: noon }
      }),
  })
  const run = () => reconcileSpending.run({ ...open(), invocationLogs: logs() }, {}, jobTools)
  const folder = 'AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/11/'
  const deliver = (path: string, text: string | Uint8Array) =>
    open().objects.put(folder + path, typeof text === 'string' ? gzipSync(text) : text)

  beforeEach(async () => {
    for (const { key } of (await open().objects.list({ prefix: 'AWSLogs/' })).objects) await open().objects.delete(key)
  })

  test('takes calls of dead processes for unsure, and without a log leaves it at that', async () => {
    const call = plannedCall()
    await createLedger(open().db).reserve(call)
    open().setTime('2026-11-22T00:00:00Z')
    const { expired, unsure } = await reconcileSpending.run(open(), {}, jobTools)
    expect([expired, unsure]).toEqual([1, 1])
    expect(await rowOf(call.id)).toMatchObject({ state: 'unsure', cost_usd: null })
  })

  test('reads the files of the hours in which the calls were made and settles by them', async () => {
    const [late, inTwo] = [plannedCall({ startedAt: new Date('2026-11-20T23:58:00Z') }), plannedCall()]
    for (const call of [late, inTwo]) await createLedger(open().db).reserve(call)
    await deliver('20/12/20261120T120501_a.json.gz', `${inTwo.id} 1000000 0\nsomebody-else 5 5`)
    await deliver('20/13/20261120T130001_b.json.gz', `${inTwo.id} 0 1000000`)
    await deliver('20/12/data/20261120T120501_a_input.json.gz', `${inTwo.id} 7000000 0`)
    await deliver('21/00/20261121T000300_c.json.gz', `${late.id} 3000000 0`)
    open().setTime('2026-11-21T00:40:00Z')
    expect(await run()).toEqual({ expired: 2, settled: 1, notBilled: 0, unsure: 1 })
    open().setTime('2026-11-21T02:00:00Z')
    expect(await run()).toEqual({ expired: 0, settled: 1, notBilled: 0, unsure: 0 })
    expect((await rowOf(inTwo.id)).cost_usd).toBe('3.000000000000')
    expect((await rowOf(late.id)).cost_usd).toBe('3.000000000000')
  })

  test.each([
    ['no file of the day before', ['19/11', '20/14'], 0],
    ['no file of the day after', ['19/12', '21/13'], 0],
    ['files of both', ['19/12', '21/12'], 1],
  ])('takes silence for an answer with files before and after: %s', async (_, hours, notBilled) => {
    const call = plannedCall()
    await lose(call)
    open().setTime('2026-11-21T14:00:00Z')
    for (const hour of hours) await deliver(`${hour}/a.json.gz`, 'x 1 1')
    expect(await run()).toEqual({ expired: 0, settled: 0, notBilled, unsure: 1 - notBilled })
  })

  test('a file that cannot be read is named, and silence proves nothing then', async () => {
    const [silent, told] = [plannedCall(), plannedCall()]
    await lose(silent, told)
    open().setTime('2026-11-21T14:00:00Z')
    await deliver('20/12/broken.json.gz', Buffer.from('no gzip'))
    await deliver('20/12/whole.json.gz', `${told.id} 1 1`)
    expect(await run()).toMatchObject({ settled: 1, notBilled: 0, unsure: 1 })
    expect(open().logged).toContain('warn a file of the model invocation log cannot be read')
  })
})
