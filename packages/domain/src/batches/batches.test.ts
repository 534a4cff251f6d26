import { NotFound } from '@dayshift/domain/errors'
import { setBudget } from '@dayshift/domain/spending'
import { type BatchModels, LlmAnswerInvalid, LlmOverBudget, LlmRefusedRequest } from '@dayshift/llm'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { pollBatches } from './poll.ts'
import { HOUR_MS, items, START_MS, useBatches } from './testing/bench.ts'

const { open, now, feature, context, submit, poll, passHours, listBatches, listItems, spent } = useBatches()

describe('a batch', () => {
  test('is asked once, each answer is used once, and the ledger says what was billed', async () => {
    expect(await submit()).toMatchObject({ submitted: true })
    expect(await poll()).toEqual({ finished: 0, waiting: 1 })
    expect(await spent()).toMatchObject({ open: 3, usd: 0 })
    await now.fake.work()
    passHours(2)
    expect(await poll()).toEqual({ finished: 1, waiting: 0 })
    expect([...now.kept.keys()].toSorted()).toEqual(['ref-0', 'ref-1', 'ref-2'])
    expect(now.kept.get('ref-1')).toEqual([
      {
        reply: expect.objectContaining({
          message: { role: 'assistant', content: [{ type: 'text', text: 'Answer 1.' }] },
          usage: { inputTokens: 1_001, outputTokens: 201, cacheReadTokens: 0, cacheWriteTokens: 0 },
        }),
        provider: 'bedrock',
        model: 'amazon.nova-lite-v1:0',
        promptVersion: 'p-1',
        // (1,001 × $0.03 + 201 × $0.12) / 1,000,000
        costUsd: expect.closeTo(0.00005415, 12),
        answeredAt: new Date('2026-11-20T14:00:00Z'),
      },
    ])
    // (3,003 × $0.03 + 603 × $0.12) / 1,000,000: half of what Nova Lite takes at once.
    expect(await spent()).toMatchObject({ open: 0, unsure: 0, ok: 3, usd: expect.closeTo(0.00016245, 12) })
    expect(now.fake.billUsd()).toBeCloseTo(0.00016245, 12)
    expect(await listBatches()).toEqual([{ state: 'done', error: null, records: 3 }])
    expect(await poll()).toEqual({ finished: 0, waiting: 0 })
    expect(now.kept.get('ref-1')).toHaveLength(1)
  })

  test('stands in the ledger with one row for each record', async () => {
    const { batchId } = await submit()
    const [call] = await open().db.selectFrom('model_call').selectAll().orderBy('id').execute()
    expect(call).toMatchObject({
      request_id: batchId,
      operation: 'batch',
      feature: 'test.feature',
      provider: 'bedrock',
      model: 'amazon.nova-lite-v1:0',
      scope: 'region',
      tier: 'batch',
      prompt_version: 'p-1',
      started_at: new Date(START_MS),
      due_at: new Date(START_MS + 48 * HOUR_MS),
      state: 'open',
    })
    // `Question 0?` has 11 bytes, so at most 6 tokens and 64 around it; 100 tokens may come out: (70 × $0.03 + 100 × $0.12) / 1,000,000
    expect(Number(call!.worst_case_usd)).toBeCloseTo(0.0000141, 12)
  })

  test('asks nothing twice at a time', async () => {
    await submit()
    await expect(submit(items(4, 2))).rejects.toMatchObject({ code: 'conflict' })
    expect(now.fake.jobs).toHaveLength(1)
    expect(await spent()).toMatchObject({ open: 3 })
    await now.fake.work()
    await poll()
    // Once it is over the same may be asked again.
    await submit(items(4, 2))
    expect(now.fake.jobs).toHaveLength(2)
  })

  test('of too few records is refused, and leaves nothing', async () => {
    await expect(submit(items(2))).rejects.toBeInstanceOf(LlmRefusedRequest)
    expect(await listBatches()).toEqual([])
    expect(now.fake.requests).toEqual([])
  })

  test('that the vendor cannot take now is sent later', async () => {
    now.fake.fail('throttle')
    expect(await submit()).toMatchObject({ submitted: false })
    expect(now.fake.jobs).toHaveLength(0)
    await poll()
    expect(now.fake.jobs).toHaveLength(1)
    // What was set aside stays set aside: no record is entered in the ledger a second time.
    expect(await spent()).toMatchObject({ calls: 3, open: 3, unsure: 0 })
  })

  test('whose creation was not answered is found instead of created again', async () => {
    now.fake.fail('lost-answer')
    expect(await submit()).toMatchObject({ submitted: false })
    expect(now.fake.jobs).toHaveLength(1)
    now.fake.forgetTokens()
    await poll()
    await now.fake.work()
    await poll()
    expect(now.fake.jobs).toHaveLength(1)
    expect((await spent()).usd).toBeCloseTo(now.fake.billUsd(), 12)
  })

  test('that no vendor takes for half a day is given up, and its money is free again', async () => {
    now.fake.fail('throttle')
    await submit()
    passHours(13)
    // The search for it is answered, the creation is not.
    const refusing: BatchModels = { ...now.models, submit: () => Promise.reject(new Error('Not now.')) }
    expect(await pollBatches({ ...open(), batches: refusing }, [feature])).toEqual({ finished: 1, waiting: 0 })
    expect(await listBatches()).toMatchObject([{ state: 'failed', error: 'Not now.' }])
    expect(await spent()).toMatchObject({ open: 0, unsure: 0, ok: 0, usd: 0 })
    expect(now.retried).toEqual([])
  })

  test('that the vendor refuses is over at once, with its words', async () => {
    now.fake.fail('access-denied')
    await expect(submit()).rejects.toThrow('The role may not be passed.')
    expect(await listBatches()).toMatchObject([
      { state: 'failed', error: expect.stringContaining('may not be passed') },
    ])
    expect(await spent()).toMatchObject({ open: 0, unsure: 0, ok: 0, usd: 0 })
    // The same may be asked again at once.
    await submit()
  })

  test('beyond the budget is refused as a whole, and its money is free again', async () => {
    // Room for two records of $0.0000141 and not for three.
    await setBudget(open(), { what: 'all', subject: null, period: 'day', limitUsd: 0.00003 })
    await expect(submit()).rejects.toBeInstanceOf(LlmOverBudget)
    expect(now.fake.jobs).toHaveLength(0)
    expect(await spent()).toMatchObject({ open: 0, unsure: 0, ok: 0, usd: 0 })
    const { rows } = await sql<{
      left: string
    }>`select sum(spent_usd + reserved_usd) as left from budget_period`.execute(open().db)
    expect(Number(rows[0]!.left)).toBe(0)
  })
})

describe('a record', () => {
  test('that the vendor failed on costs nothing and is asked again by the ordinary way', async () => {
    await submit(items(4))
    await now.fake.work({ errors: { R0000000002: { errorCode: 429, errorMessage: 'Too many tokens.' } } })
    await poll()
    expect(now.retried).toEqual(['ref-2'])
    expect(now.kept.size).toBe(3)
    expect((await listItems())[2]).toEqual({
      record_id: 'R0000000002',
      state: 'failed',
      error: '429: Too many tokens.',
    })
    expect((await spent()).usd).toBeCloseTo(now.fake.billUsd(), 12)
    expect(await spent()).toMatchObject({ open: 0, unsure: 0, ok: 3 })
  })

  test('that the time did not suffice for costs nothing and is not asked at the double price', async () => {
    await submit(items(5))
    await now.fake.work({ only: 2 })
    await poll()
    expect(now.kept.size).toBe(2)
    expect(now.retried).toEqual([])
    expect((await listItems())[4]).toMatchObject({ state: 'failed', error: 'The time did not suffice for all.' })
    expect((await spent()).usd).toBeCloseTo(now.fake.billUsd(), 12)
    expect(await listBatches()).toMatchObject([{ state: 'done' }])
  })

  test('whose answer was billed and lost keeps its worst case', async () => {
    await submit()
    await now.fake.work({ damaged: ['R0000000001'] })
    await poll()
    expect(now.kept.size).toBe(2)
    expect(await spent()).toMatchObject({ open: 0, unsure: 1, ok: 2 })
    expect(open().logged).toContain('error a batch was billed for more than its answers say')
  })

  test('whose answer is of no use is paid and asked again', async () => {
    await submit()
    await now.fake.work()
    now.trouble = (ref) => (ref === 'ref-1' ? new LlmAnswerInvalid('It is empty.') : undefined)
    await poll()
    expect(now.retried).toEqual(['ref-1'])
    expect((await listItems())[1]).toMatchObject({ state: 'failed', error: 'It is empty.' })
    expect((await spent()).usd).toBeCloseTo(now.fake.billUsd(), 12)
  })

  test('that was for something that is gone is paid and forgotten', async () => {
    await submit()
    await now.fake.work()
    now.trouble = (ref) => (ref === 'ref-1' ? new NotFound('article', '1') : undefined)
    expect(await poll()).toEqual({ finished: 1, waiting: 0 })
    expect(now.retried).toEqual([])
    expect((await spent()).usd).toBeCloseTo(now.fake.billUsd(), 12)
  })

  test('that cannot be used now is used later, the others now', async () => {
    await submit()
    await now.fake.work()
    now.trouble = (ref) => (ref === 'ref-1' ? new Error('The database is busy.') : undefined)
    expect(await poll()).toEqual({ finished: 0, waiting: 1 })
    expect([...now.kept.keys()].toSorted()).toEqual(['ref-0', 'ref-2'])
    now.trouble = undefined
    expect(await poll()).toEqual({ finished: 1, waiting: 0 })
    expect([...now.kept.values()].map((answers) => answers.length)).toEqual([1, 1, 1])
    expect((await spent()).usd).toBeCloseTo(now.fake.billUsd(), 12)
  })

  test('that can never be used is let go after a day', async () => {
    await submit()
    await now.fake.work()
    now.trouble = (ref) => (ref === 'ref-1' ? new Error('Never.') : undefined)
    await poll()
    passHours(25)
    expect(await poll()).toEqual({ finished: 1, waiting: 0 })
    expect((await listItems())[1]).toMatchObject({ state: 'failed', error: 'Error: Never.' })
  })
})

test.each([
  ['failed', { failsWith: 'No access to the bucket.' }, 'The job failed: No access to the bucket.'],
  ['expired', { expires: true }, 'The job was expired: The job did not begin in time.'],
] as const)('a job that %s costs nothing, and its words are kept', async (_, work, error) => {
  await submit()
  await now.fake.work(work)
  await poll()
  expect(await listBatches()).toEqual([{ state: 'failed', error, records: 3 }])
  expect(await spent()).toMatchObject({ open: 0, unsure: 0, ok: 0, usd: 0 })
  expect(now.retried).toEqual([])
})

test('batches wait, loudly, while batch inference is not set up', async () => {
  await submit()
  expect(await pollBatches(open(), [feature])).toEqual({ finished: 0, waiting: 1 })
  expect(open().logged).toContain('warn batches wait, and batch inference is not set up')
})

test('a batch of a feature that is not known waits', async () => {
  await submit()
  await now.fake.work()
  expect(await pollBatches(context(), [])).toEqual({ finished: 0, waiting: 1 })
  expect(await poll()).toEqual({ finished: 1, waiting: 0 })
})
