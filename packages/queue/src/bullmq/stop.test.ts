import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineJob, enqueue, listJobs, PermanentError, RetryLater, step } from '../index.ts'
import { isAbsent, startTestQueues, toConnection, until, useStage } from '../testing/queues.ts'
import { silentProxy } from '../testing/silent-proxy.ts'
import type { JobRun } from './index.ts'

const input = z.object({ n: z.number() })

for (const kind of ['postgres', 'redis'] as const) {
  describe.skipIf(isAbsent(kind))(`on ${kind}`, () => {
    const stage = useStage(kind)
    const isRunning = async () => (await listJobs(stage.database.db, { state: 'running', limit: 1 })).length === 1

    test('how each try ended is told, with its time', async () => {
      const runs: JobRun[] = []
      const job = defineJob({
        name: 'counted',
        queue: stage.queue,
        attempts: 2,
        backoffMs: 1,
        input,
        async run(_: object, { n }, { attempt }) {
          await sleep(20)
          if (n === 1 && attempt === 1) throw new Error('once')
          if (n === 2) throw new PermanentError('never')
          if (n === 3 && runs.every(({ outcome }) => outcome !== 'later')) throw new RetryLater('not yet', 1)
        },
      })
      await stage.database.query(
        `insert into outbox (job, queue, input) values ('no-such-job', '${stage.queue}', '{}')`,
      )
      const queues = await startTestQueues({
        database: stage.database,
        connection: toConnection(kind, stage.database.url, 12),
        jobs: [job],
        prefix: stage.queue,
        slots: 1,
        onRun: (run) => runs.push(run),
      })
      try {
        await enqueue(stage.database.db, ...[0, 1, 2, 3].map((n) => step(job, { n })))
        await until(() => queues.idle())
      } finally {
        await queues.close()
      }
      const told = Map.groupBy(runs, ({ job, outcome }) => `${job} ${outcome}`)
      expect(Object.fromEntries([...told].map(([what, { length }]) => [what, length]))).toEqual({
        'unknown dead': 1,
        'counted done': 3,
        'counted retry': 1,
        'counted dead': 1,
        'counted later': 1,
      })
      expect(told.get('counted done')?.every(({ tookMs }) => tookMs >= 19)).toBe(true)
    })

    test('what is interrupted is told and runs once more in the next process, which ends it', async () => {
      const runs: JobRun[] = []
      let starts = 0
      const job = defineJob({
        name: 'handed-back',
        queue: stage.queue,
        attempts: 1,
        input,
        async run(_: object, _input, { signal }) {
          starts += 1
          if (starts === 1) await sleep(60_000, undefined, { signal })
        },
      })
      const open = () =>
        startTestQueues({
          database: stage.database,
          connection: toConnection(kind, stage.database.url, 12),
          jobs: [job],
          prefix: stage.queue,
          onRun: (run) => runs.push(run),
        })
      const first = await open()
      await enqueue(stage.database.db, step(job, { n: 1 }))
      await until(isRunning)
      const begin = performance.now()
      await first.close({ graceMs: 300 })
      expect(performance.now() - begin).toBeGreaterThanOrEqual(290)
      expect((await listJobs(stage.database.db, { limit: 1 }))[0]).toMatchObject({ state: 'waiting', attempts: 0 })
      const second = await open()
      await until(() => second.idle())
      await second.close()
      expect([starts, ...runs.map(({ outcome }) => outcome)]).toEqual([2, 'interrupted', 'done'])
    })
  })
}

describe.skipIf(isAbsent('redis'))('while Redis no longer answers', () => {
  const stage = useStage('postgres')

  async function startBehindProxy(ranMs: number) {
    const proxy = await silentProxy(new URL(toConnection('redis', '', 12).url))
    let ended = 0
    const job = defineJob({
      name: 'slow',
      queue: stage.queue,
      attempts: 1,
      input,
      async run() {
        await sleep(ranMs)
        ended += 1
      },
    })
    const queues = await startTestQueues({
      database: stage.database,
      connection: { kind: 'redis', url: proxy.url },
      jobs: [job],
      prefix: stage.queue,
    })
    return { proxy, job, queues, ended: () => ended }
  }

  test('queues with nothing in hand are closed without waiting for the grace', async () => {
    const { proxy, queues } = await startBehindProxy(0)
    proxy.silence()
    const begin = performance.now()
    await queues.close({ graceMs: 60_000, closingMs: 500 })
    expect(performance.now() - begin).toBeLessThan(3_000)
    await proxy.close()
  })

  test('what runs is finished and its end is kept', async () => {
    const { proxy, job, queues, ended } = await startBehindProxy(600)
    await enqueue(stage.database.db, step(job, { n: 1 }))
    await until(async () => (await listJobs(stage.database.db, { state: 'running', limit: 1 })).length === 1)
    proxy.silence()
    const begin = performance.now()
    await queues.close({ graceMs: 5_000, closingMs: 500 })
    expect(performance.now() - begin).toBeLessThan(4_000)
    expect(ended()).toBe(1)
    expect((await listJobs(stage.database.db, { limit: 1 }))[0]?.state).toBe('done')
    await proxy.close()
  })
})
