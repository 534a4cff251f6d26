import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  after,
  defineJob,
  enqueue,
  listJobs,
  RetryLater,
  step,
  watchJobs,
  type AnyJob,
  type JobEvent,
  type Rule,
} from '../index.ts'
import { isAbsent, until, useStage } from '../testing/queues.ts'

const input = z.object({ n: z.number() })

for (const kind of ['postgres', 'redis'] as const) {
  describe.skipIf(isAbsent(kind))(`on ${kind}`, () => {
    const stage = useStage(kind)

    test('watchers here and elsewhere are told, with progress at most four times a second', async () => {
      let runs = 0
      const job = defineJob({
        name: 'watched',
        queue: stage.queue,
        attempts: 2,
        input,
        async run(_: object, _input, { progress }) {
          await sleep(300)
          if (++runs === 1) throw new RetryLater('once', 600)
          for (let percent = 1; percent <= 100; percent++) {
            progress({ percent })
            await sleep(10)
          }
          await sleep(300)
        },
      })
      const queues = await stage.start([job])
      const here: JobEvent[] = []
      const elsewhere: JobEvent[] = []
      queues.watch((event) => here.push(event))
      const watch = await watchJobs({ postgres: stage.database.url }, (event) => elsewhere.push(event))
      await enqueue(stage.database.db, step(job, { n: 1 }))
      await until(() => elsewhere.at(-1)?.type === 'done')
      await watch.close()
      expect(here).toEqual(elsewhere)
      const types = elsewhere.map((event) => event.type)
      expect(types).toEqual(expect.arrayContaining(['started', 'retry', 'progress', 'done']))
      expect(elsewhere.find((event) => event.type === 'retry')).toMatchObject({
        job: 'watched',
        queue: stage.queue,
        error: 'once',
      })
      const progress = elsewhere.filter((event) => event.type === 'progress')
      expect(progress.length).toBeGreaterThanOrEqual(2)
      expect(progress.length).toBeLessThanOrEqual(8)
      expect(progress.at(-1)?.progress).toEqual({ percent: 100 })
      expect((await listJobs(stage.database.db, { limit: 1 }))[0]?.progress).toEqual({ percent: 100 })
    })

    test('closing waits for what runs', async () => {
      let ended = false
      const job = defineJob({
        name: 'graceful',
        queue: stage.queue,
        attempts: 1,
        input,
        async run() {
          await sleep(400)
          ended = true
        },
      })
      const queues = await stage.start([job])
      await enqueue(stage.database.db, step(job, { n: 1 }))
      await until(async () => (await listJobs(stage.database.db, { state: 'running', limit: 1 })).length === 1)
      await queues.close({ graceMs: 5_000 })
      expect(ended).toBe(true)
      expect((await listJobs(stage.database.db, { limit: 1 }))[0]?.state).toBe('done')
    })

    test('what still runs after the grace is aborted, waits again and costs no attempt', async () => {
      let aborted = false
      const job = defineJob({
        name: 'stubborn',
        queue: stage.queue,
        attempts: 1,
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
      await until(async () => (await listJobs(stage.database.db, { state: 'running', limit: 1 })).length === 1)
      await queues.close({ graceMs: 100 })
      expect(aborted).toBe(true)
      expect((await listJobs(stage.database.db, { limit: 1 }))[0]).toMatchObject({ state: 'waiting', attempts: 0 })
    })

    test('a row that was marked sent but never reached its queue is sent again', async () => {
      const ran: number[] = []
      const job = defineJob({
        name: 'lost',
        queue: stage.queue,
        attempts: 1,
        input,
        run: async (_: object, { n }) => ran.push(n),
      })
      await enqueue(stage.database.db, step(job, { n: 1 }), step(job, { n: 2 }))
      // As a relay leaves it that dies after its commit, and a worker that dies with its queue.
      await stage.database.query(`update outbox set state = 'sent', sent_at = now() where input = '{"n": 1}'`)
      await stage.database.query(
        `update outbox set state = 'running', sent_at = now() - interval '1 s' where input = '{"n": 2}'`,
      )
      const queues = await stage.start([job])
      await until(() => queues.idle())
      expect(ran.toSorted((a, b) => a - b)).toEqual([1, 2])
    })

    test('a schedule adds its job again and again, and is gone when it is no longer listed', async () => {
      const ran: string[] = []
      const tick = defineJob({
        name: 'tick',
        queue: stage.queue,
        attempts: 1,
        input: z.object({ of: z.string() }),
        run: async (_: object, { of }) => ran.push(of),
      })
      const queues = await stage.start([tick])
      await queues.schedule([
        { name: 'often', job: tick, input: { of: 'often' }, everyMs: 300 },
        { name: 'each-second', job: tick, input: { of: 'cron' }, cron: '* * * * * *' },
      ])
      const count = (of: string) => ran.filter((each) => each === of).length
      await until(() => count('often') >= 3 && count('cron') >= 2)
      await queues.schedule([{ name: 'each-second', job: tick, input: { of: 'cron' }, cron: '* * * * * *' }])
      await sleep(400)
      const before = count('often')
      await until(() => count('cron') >= 4)
      expect(count('often')).toBe(before)
      await queues.schedule([])
    })
  })
}

describe('at the start', () => {
  const stage = useStage('postgres')

  test('contradictory jobs, rules and schedules are refused', async () => {
    const make = (name: string) => defineJob({ name, queue: stage.queue, attempts: 1, input, run: async () => {} })
    const start = (jobs: AnyJob[], rules: Rule[] = []) => stage.start(jobs, { rules })
    await expect(start([make('twin'), make('twin')])).rejects.toThrow('two jobs are named twin')
    await expect(start([{ ...make('a'), queue: 'a:b' }])).rejects.toThrow('a:b cannot be the name of its queue')
    await expect(start([{ ...make('a'), attempts: 0 }])).rejects.toThrow('expected 1 or more attempts, got 0')
    await expect(start([make('a')], [after(make('b'), () => [])])).rejects.toThrow(
      'the job b, which is not among the jobs',
    )
    const job = make('a')
    const queues = await start([job])
    const once = { name: 'once', job, input: { n: 1 } }
    await expect(queues.schedule([once])).rejects.toThrow('give either everyMs or cron')
    await expect(queues.schedule([{ ...once, everyMs: 1, input: {} }])).rejects.toThrow('expected number')
    await expect(queues.pause('nowhere')).rejects.toThrow('there is no queue named nowhere')
  })
})
