import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import {
  countJobs,
  defineJob,
  enqueue,
  findJob,
  InvalidInputError,
  listJobs,
  pruneJobs,
  retryJob,
  step,
} from './index.ts'
import { openTestDatabase, type TestDatabase } from './testing/database.ts'

const input = z.object({ url: z.string(), depth: z.number().optional(), at: z.iso.datetime().optional() })
const poll = defineJob({ name: 'poll', queue: 'net', attempts: 3, priority: 4, input, run: async () => {} })
const other = defineJob({ name: 'other', queue: 'cpu', attempts: 1, input, run: async () => {} })
let database: TestDatabase
let db: Kysely<unknown>

beforeAll(async () => {
  database = await openTestDatabase()
  db = database.db
})
afterAll(() => database.close())
beforeEach(() => database.query('truncate outbox restart identity'))

const setState = (id: string, state: string, finished = 'null') =>
  database.query(`update outbox set state = $2, finished_at = ${finished} where id = $1`, [id, state])

describe('enqueue', () => {
  test('writes a row with what the step and the job say', async () => {
    expect(
      await enqueue(db, step(poll, { url: 'a' }), step(poll, { url: 'b' }, { priority: 9, delayMs: 60_000 })),
    ).toBe(2)
    const [b, a] = await listJobs(db, { limit: 5 })
    expect(a).toMatchObject({
      id: '1',
      job: 'poll',
      queue: 'net',
      input: { url: 'a' },
      priority: 4,
      state: 'waiting',
      attempts: 0,
    })
    expect(b).toMatchObject({ id: '2', priority: 9 })
    expect(b!.runAt.getTime() - b!.createdAt.getTime()).toBe(60_000)
  })

  test('adds the same job with the same input only once while it waits', async () => {
    expect(await enqueue(db, step(poll, { url: 'a', depth: 1 }), step(poll, { depth: 1, url: 'a' }))).toBe(1)
    expect(await enqueue(db, step(poll, { url: 'a', depth: 1 }))).toBe(0)
    expect(await enqueue(db, step(poll, { url: 'a', depth: 2 }), step(other, { url: 'a', depth: 1 }))).toBe(2)
    await setState('1', 'sent')
    expect(await enqueue(db, step(poll, { url: 'a', depth: 1 }))).toBe(0)
    await setState('1', 'running')
    expect(await enqueue(db, step(poll, { url: 'a', depth: 1 }))).toBe(1)
  })

  test('takes a key in place of the input, and `null` for never the same', async () => {
    expect(await enqueue(db, step(poll, { url: 'a' }, { dedupeKey: 'k' }))).toBe(1)
    expect(
      await enqueue(db, step(poll, { url: 'b' }, { dedupeKey: 'k' }), step(other, { url: 'b' }, { dedupeKey: 'k' })),
    ).toBe(1)
    expect(await enqueue(db, ...[1, 2, 3].map(() => step(poll, { url: 'c' }, { dedupeKey: null })))).toBe(3)
  })

  test('takes inputs of any length', async () => {
    const url = 'x'.repeat(200_000)
    expect(await enqueue(db, step(poll, { url }), step(poll, { url }))).toBe(1)
    expect((await findJob(db, '1'))?.input).toEqual({ url })
  })

  test('is undone with the transaction of its caller', async () => {
    const failed = db.transaction().execute(async (tx) => {
      await enqueue(tx, step(poll, { url: 'a' }))
      throw new Error('undo')
    })
    await expect(failed).rejects.toThrow('undo')
    expect(await listJobs(db, { limit: 1 })).toEqual([])
  })

  test.each([
    ['input of another shape', step(poll, { url: 1 } as never), 'expected string, received number'],
    ['a date, which JSON makes a text', step(poll, { url: 'a', at: new Date(NaN) } as never), 'input of job poll'],
    ['U+0000', step(poll, { url: 'a\0' }), 'U+0000'],
    ['half a surrogate pair', step(poll, { url: '\ud83d' }), 'half a surrogate pair'],
    ['a priority below 0', step(poll, { url: 'a' }, { priority: -1 }), 'expected a whole number 0–2097152, got -1'],
    ['a delay that is no number', step(poll, { url: 'a' }, { delayMs: NaN }), 'got NaN'],
  ])('refuses %s and adds nothing', async (_what, wrong, message) => {
    const adding = enqueue(db, step(poll, { url: 'good' }), wrong)
    await expect(adding).rejects.toThrow(InvalidInputError)
    await expect(adding).rejects.toThrow(message)
    expect(await listJobs(db, { limit: 1 })).toEqual([])
  })
})

describe('the records', () => {
  test('are listed newest first, by state, job and queue, page by page', async () => {
    await enqueue(db, ...['a', 'b', 'c'].flatMap((url) => [step(poll, { url }), step(other, { url })]))
    await setState('1', 'dead', 'now()')
    const ids = async (filter: Partial<Parameters<typeof listJobs>[1]>) =>
      (await listJobs(db, { limit: 10, ...filter })).map(({ id }) => id)
    expect(await ids({})).toEqual(['6', '5', '4', '3', '2', '1'])
    expect(await ids({ limit: 2, before: '5' })).toEqual(['4', '3'])
    expect(await ids({ job: 'poll', state: 'waiting' })).toEqual(['5', '3'])
    expect(await ids({ queue: 'cpu' })).toEqual(['6', '4', '2'])
    expect(await ids({ state: 'dead' })).toEqual(['1'])
    expect(await findJob(db, '7')).toBeUndefined()
  })

  test('are counted by queue and state, done ones for a day', async () => {
    await enqueue(db, ...['a', 'b', 'c', 'd', 'e'].map((url) => step(poll, { url })), step(other, { url: 'a' }))
    await setState('1', 'dead', `now() - interval '2 days'`)
    await setState('2', 'done', `now() - interval '2 days'`)
    await setState('3', 'done', 'now()')
    await setState('4', 'running')
    expect(await countJobs(db)).toEqual([
      { queue: 'cpu', state: 'waiting', count: 1 },
      { queue: 'net', state: 'dead', count: 1 },
      { queue: 'net', state: 'done', count: 1 },
      { queue: 'net', state: 'running', count: 1 },
      { queue: 'net', state: 'waiting', count: 1 },
    ])
  })

  test('a dead or delayed job is retried at once, others and such whose work waits already are not', async () => {
    await enqueue(db, step(poll, { url: 'a' }), step(poll, { url: 'b' }, { delayMs: 60_000 }))
    expect(await retryJob(db, '1')).toBe(false)
    expect(await retryJob(db, '2')).toBe(true)
    expect((await findJob(db, '2'))!.runAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000)
    await setState('1', 'dead', 'now()')
    await enqueue(db, step(poll, { url: 'a' }))
    expect(await retryJob(db, '1')).toBe(false)
    await database.query('delete from outbox where id = 3')
    expect(await retryJob(db, '1')).toBe(true)
    expect(await findJob(db, '1')).toMatchObject({ state: 'waiting', attempts: 0, finishedAt: null })
    expect(await retryJob(db, '99')).toBe(false)
  })

  test('are pruned when they ended long ago', async () => {
    await enqueue(db, ...['a', 'b', 'c', 'd'].map((url) => step(poll, { url })))
    await setState('1', 'dead', `now() - interval '8 days'`)
    await setState('2', 'done', `now() - interval '8 days'`)
    await setState('3', 'done', `now() - interval '6 days'`)
    expect(await pruneJobs(db, { olderThanDays: 7 })).toBe(2)
    expect((await listJobs(db, { limit: 9 })).map(({ id }) => id)).toEqual(['4', '3'])
  })
})
