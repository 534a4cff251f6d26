import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { after, defineJob, enqueue, findJob, listJobs, PermanentError, RetryLater, retryJob, step } from '../index.ts'
import { isAbsent, until, useStage } from '../testing/queues.ts'

const input = z.object({ n: z.number() })

for (const kind of ['postgres', 'redis'] as const) {
  describe.skipIf(isAbsent(kind))(`on ${kind}`, () => {
    const stage = useStage(kind)

    test('a job gets its context and parsed input, and is done', async () => {
      const seen: unknown[] = []
      const job = defineJob({
        name: 'note',
        queue: stage.queue,
        attempts: 1,
        input: z.object({ n: z.number(), unit: z.string().default('km') }),
        run: async (context: object, input, { attempt }) => seen.push([context, input, attempt]),
      })
      await stage.start([job])
      await enqueue(stage.database.db, step(job, { n: 1 }))
      await until(async () => (await listJobs(stage.database.db, { state: 'done', limit: 5 })).length === 1)
      expect(seen).toEqual([[{}, { n: 1, unit: 'km' }, 1]])
    })

    test('each job runs once, and what follows it is added once', async () => {
      const ran: string[] = []
      const first = defineJob({
        name: 'first',
        queue: stage.queue,
        attempts: 1,
        input,
        run: async (_: object, { n }) => (ran.push(`first ${n}`), n),
      })
      const second = defineJob({
        name: 'second',
        queue: `${stage.queue}-b`,
        attempts: 1,
        input,
        run: async (_: object, { n }) => ran.push(`second ${n}`),
      })
      const rules = [after(first, (n) => [step(second, { n }), step(second, { n: n + 1_000 })])]
      const queues = await stage.start([first, second], { rules })
      await enqueue(stage.database.db, ...Array.from({ length: 120 }, (_, n) => step(first, { n })))
      await until(() => queues.idle())
      const expected = Array.from({ length: 120 }, (_, n) => [
        `first ${n}`,
        `second ${n}`,
        `second ${n + 1_000}`,
      ]).flat()
      expect(ran.toSorted()).toEqual(expected.toSorted())
      expect((await queues.counts()).map(({ state, count }) => [state, count])).toEqual([
        ['done', 120],
        ['done', 240],
      ])
    })

    test('a failing job is tried again as often as it says, then dead with its error', async () => {
      const attempts: number[] = []
      const job = defineJob({
        name: 'fails',
        queue: stage.queue,
        attempts: 3,
        backoffMs: 50,
        input,
        async run(_: object, _input, { attempt }) {
          attempts.push(attempt)
          throw new Error('no answer', { cause: new Error('ECONNREFUSED') })
        },
      })
      const queues = await stage.start([job])
      await enqueue(stage.database.db, step(job, { n: 1 }))
      await until(() => queues.idle())
      const [dead] = await listJobs(stage.database.db, { limit: 5 })
      expect(attempts).toEqual([1, 2, 3])
      expect(dead).toMatchObject({ state: 'dead', attempts: 3, error: 'no answer: ECONNREFUSED' })
    })

    test('a dead job that is retried starts over', async () => {
      let broken = true
      const job = defineJob({
        name: 'repaired',
        queue: stage.queue,
        attempts: 1,
        input,
        async run() {
          if (broken) throw new Error('broken')
        },
      })
      const queues = await stage.start([job])
      await enqueue(stage.database.db, step(job, { n: 1 }))
      await until(() => queues.idle())
      broken = false
      const [dead] = await listJobs(stage.database.db, { state: 'dead', limit: 5 })
      expect(await retryJob(stage.database.db, dead!.id)).toBe(true)
      await until(() => queues.idle())
      expect(await findJob(stage.database.db, dead!.id)).toMatchObject({ state: 'done', attempts: 1, error: null })
    })

    test('a permanent error, an input that no longer fits and an unknown job are dead at once', async () => {
      let runs = 0
      const permanent = defineJob({
        name: 'permanent',
        queue: stage.queue,
        attempts: 5,
        input,
        async run() {
          runs++
          throw new PermanentError('gone')
        },
      })
      const queues = await stage.start([permanent])
      await enqueue(stage.database.db, step(permanent, { n: 1 }))
      const insert = `insert into outbox (job, queue, input) values ($1, $2, $3)`
      await stage.database.query(insert, ['permanent', stage.queue, '{"n": "one"}'])
      await stage.database.query(insert, ['retired', stage.queue, '{}'])
      await stage.database.query(insert, ['permanent', 'elsewhere', '{"n": 1}'])
      await until(() => queues.idle())
      const dead = await listJobs(stage.database.db, { state: 'dead', limit: 5 })
      expect(dead.map(({ error }) => error)).toEqual([
        'there is no queue named elsewhere',
        'there is no job named retired',
        expect.stringContaining('expected number, received string'),
        'gone',
      ])
      expect(runs).toBe(1)
    })

    test('RetryLater waits as long as it says and costs no attempt', async () => {
      const at: number[] = []
      const job = defineJob({
        name: 'later',
        queue: stage.queue,
        attempts: 1,
        input,
        async run() {
          at.push(Date.now())
          if (at.length < 3) throw new RetryLater('rate limited', 300)
        },
      })
      const queues = await stage.start([job])
      await enqueue(stage.database.db, step(job, { n: 1 }))
      await until(() => queues.idle())
      expect(at).toHaveLength(3)
      expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(290)
      expect((await listJobs(stage.database.db, { limit: 1 }))[0]).toMatchObject({ state: 'done', attempts: 1 })
    })

    test('a job that fails while the same work was added anew is tried again all the same', async () => {
      const ran: number[] = []
      const job = defineJob({
        name: 'twin',
        queue: stage.queue,
        attempts: 2,
        backoffMs: 1,
        input,
        async run(_: object, input, { attempt }) {
          ran.push(attempt)
          if (ran.length > 1) return
          await enqueue(stage.database.db, step(job, input, { delayMs: 300 }))
          throw new Error('once')
        },
      })
      const queues = await stage.start([job])
      await enqueue(stage.database.db, step(job, { n: 1 }))
      await until(() => queues.idle())
      expect(ran).toEqual([1, 2, 1])
      expect((await listJobs(stage.database.db, { limit: 5 })).map(({ state }) => state)).toEqual(['done', 'done'])
    })

    test('a delayed job runs when its time has come', async () => {
      let ranAt = 0
      const job = defineJob({
        name: 'delayed',
        queue: stage.queue,
        attempts: 1,
        input,
        run: async () => {
          ranAt = Date.now()
        },
      })
      const queues = await stage.start([job])
      const addedAt = Date.now()
      await enqueue(stage.database.db, step(job, { n: 1 }, { delayMs: 500 }))
      await until(() => queues.idle())
      expect(ranAt - addedAt).toBeGreaterThanOrEqual(490)
      expect(ranAt - addedAt).toBeLessThan(2_000)
    })

    test('smaller priorities run first, equal ones in the order they were added', async () => {
      const order: number[] = []
      const job = defineJob({
        name: 'ordered',
        queue: stage.queue,
        attempts: 1,
        input,
        run: async (_: object, { n }) => order.push(n),
      })
      const queues = await stage.start([job], { slots: 1 })
      await queues.pause(stage.queue)
      const priorities = [5, 0, 2, 0, 5]
      await enqueue(stage.database.db, ...priorities.map((priority, n) => step(job, { n }, { priority })))
      await until(async () => (await listJobs(stage.database.db, { state: 'sent', limit: 9 })).length === 5)
      expect(order).toEqual([])
      await queues.resume(stage.queue)
      await until(() => queues.idle())
      expect(order).toEqual([1, 3, 2, 0, 4])
    })

    test('no more jobs run at once than the queue has slots', async () => {
      let now = 0
      let most = 0
      const job = defineJob({
        name: 'wide',
        queue: stage.queue,
        attempts: 1,
        input,
        async run() {
          most = Math.max(most, ++now)
          await sleep(30)
          now--
        },
      })
      const queues = await stage.start([job], { slots: 3 })
      await enqueue(stage.database.db, ...Array.from({ length: 20 }, (_, n) => step(job, { n })))
      await until(() => queues.idle())
      expect(most).toBe(3)
    })

    test('a job that takes too long gets its signal and fails', async () => {
      let aborted = false
      const job = defineJob({
        name: 'slow',
        queue: stage.queue,
        attempts: 1,
        timeoutMs: 100,
        input,
        run: (_: object, _input, { signal }) =>
          new Promise<void>(() =>
            signal.addEventListener('abort', () => {
              aborted = true
            }),
          ),
      })
      const queues = await stage.start([job])
      await enqueue(stage.database.db, step(job, { n: 1 }))
      await until(() => queues.idle())
      expect(aborted).toBe(true)
      expect((await listJobs(stage.database.db, { limit: 1 }))[0]).toMatchObject({
        state: 'dead',
        error: 'took longer than 100 ms',
      })
    })
  })
}
