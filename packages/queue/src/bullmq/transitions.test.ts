import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { defineJob, enqueue, findJob, listJobs, step } from '../index.ts'
import { toRow } from '../outbox.ts'
import { openTestDatabase, type TestDatabase } from '../testing/database.ts'
import { findNextDueMs, markDead, markDone, markRunning, markSent, markUnsent, markWaiting } from './transitions.ts'

const job = defineJob({ name: 'j', queue: 'q', attempts: 1, input: z.object({ n: z.number() }), run: async () => {} })
let database: TestDatabase

beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())
beforeEach(() => database.query('truncate outbox restart identity'))

test('a delivery that was overtaken by a later sending changes nothing', async () => {
  const { db } = database
  await enqueue(db, step(job, { n: 1 }))
  const [old] = await markSent(db, 10)
  await markUnsent(db, [old!])
  const [current] = await markSent(db, 10)
  expect(current!.sending).not.toBe(old!.sending)
  expect(await markRunning(db, [old!])).toEqual([undefined])
  expect(await markRunning(db, [current!])).toEqual([{ job: 'j', input: { n: 1 }, attempts: 1 }])
  const next = [toRow(step(job, { n: 2 }))]
  expect(await markDone(db, [{ ...old!, next }])).toEqual([false])
  expect(await markDone(db, [{ ...old!, next: [] }])).toEqual([false])
  expect(await markWaiting(db, old!, { delayMs: 0, error: null, free: false })).toBe(false)
  expect(await markDead(db, old!, 'late')).toBe(false)
  expect(await markUnsent(db, [old!])).toEqual([])
  expect(await findJob(db, '1')).toMatchObject({ state: 'running' })
  expect(await listJobs(db, { limit: 5 })).toHaveLength(1)
})

test('of two that finish the same delivery only the first adds what follows', async () => {
  const { db } = database
  await enqueue(db, step(job, { n: 1 }))
  const [sent] = await markSent(db, 10)
  await markRunning(db, [sent!])
  expect(await markDone(db, [{ ...sent!, next: [toRow(step(job, { n: 2 }))] }])).toEqual([true])
  expect(await markDone(db, [{ ...sent!, next: [toRow(step(job, { n: 3 }))] }])).toEqual([false])
  expect((await listJobs(db, { limit: 5 })).map(({ input, state }) => [input, state])).toEqual([
    [{ n: 2 }, 'waiting'],
    [{ n: 1 }, 'done'],
  ])
})

test('only due rows are sent, the oldest first, up to the limit', async () => {
  const { db } = database
  expect(await findNextDueMs(db)).toBeUndefined()
  await enqueue(db, step(job, { n: 1 }, { delayMs: 60_000 }), ...[2, 3, 4].map((n) => step(job, { n })))
  expect((await markSent(db, 2)).map(({ id }) => id)).toEqual(['2', '3'])
  expect((await markSent(db, 2)).map(({ id }) => id)).toEqual(['4'])
  expect(await findNextDueMs(db)).toBeGreaterThan(50_000)
})

test('an error of any text is stored', async () => {
  const { db } = database
  await enqueue(db, step(job, { n: 1 }))
  const [sent] = await markSent(db, 10)
  await markRunning(db, [sent!])
  expect(await markDead(db, sent!, 'bad \0 \ud83d')).toBe(true)
  expect((await findJob(db, '1'))?.error).toBe('bad � �')
})
