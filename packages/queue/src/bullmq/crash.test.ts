import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { enqueue, listJobs, step } from '../index.ts'
import { openTestDatabase, type TestDatabase } from '../testing/database.ts'
import { defineCrashJobs } from '../testing/doomed-worker.ts'
import { isAbsent, startTestQueues, toConnection, until } from '../testing/queues.ts'
import type { QueueConnection } from './index.ts'

let database: TestDatabase
let queue: string
let tests = 0

beforeAll(async () => {
  database = await openTestDatabase()
  await database.query('create table run (job text, n int)')
})
afterAll(() => database.close())
beforeEach(async () => {
  await database.query('truncate outbox, run')
  queue = `crash${process.pid}-${tests++}`
})

const count = async (job: string) => {
  const [row] = await database.query<{ runs: number; distinct: number }>(
    'select count(*)::int as runs, count(distinct n)::int as distinct from run where job = $1',
    [job],
  )
  return row!
}

async function startDoomed(connection: QueueConnection, holdMs: number): Promise<ChildProcess> {
  const path = fileURLToPath(new URL('../testing/doomed-worker.ts', import.meta.url))
  const child = fork(path, [queue, database.url, JSON.stringify(connection), String(holdMs)], { execArgv: [] })
  await once(child, 'message')
  return child
}

for (const kind of ['postgres', 'redis'] as const) {
  describe.skipIf(isAbsent(kind))(`on ${kind}`, () => {
    // A database of Redis that only this file uses: it is emptied.
    const connect = () => toConnection(kind, database.url, 13)

    test('jobs of a killed process are taken up by another', async () => {
      const doomed = await startDoomed(connect(), 60_000)
      const { first, jobs, rules } = defineCrashJobs(queue, database.query, 0)
      await enqueue(database.db, ...Array.from({ length: 20 }, (_, n) => step(first, { n })))
      await until(async () => (await count('first')).runs === 5)
      doomed.kill('SIGKILL')
      await once(doomed, 'exit')
      const queues = await startTestQueues({ database, connection: connect(), jobs, rules, prefix: queue })
      try {
        await until(() => queues.idle())
        expect(await count('first')).toEqual({ runs: 25, distinct: 20 })
        expect(await count('second')).toEqual({ runs: 20, distinct: 20 })
      } finally {
        await queues.close()
      }
    })

    test('a job that kills its process is dead after its tries', async () => {
      const { first, jobs, rules } = defineCrashJobs(queue, database.query, 0)
      await enqueue(database.db, step(first, { n: 1 }))
      for (let tries = 1; tries <= 3; tries++) {
        const doomed = await startDoomed(connect(), 60_000)
        await until(async () => (await count('first')).runs === tries)
        doomed.kill('SIGKILL')
        await once(doomed, 'exit')
      }
      const queues = await startTestQueues({ database, connection: connect(), jobs, rules, prefix: queue })
      try {
        await until(() => queues.idle())
        const [dead] = await listJobs(database.db, { limit: 1 })
        expect(dead).toMatchObject({ state: 'dead', error: 'the process died in each of its 3 tries' })
        expect((await count('first')).runs).toBe(3)
      } finally {
        await queues.close()
      }
    })

    test('a queue that was emptied is filled again, and each job has its effect once', async () => {
      const { first, jobs, rules } = defineCrashJobs(queue, database.query, 20)
      const queues = await startTestQueues({ database, connection: connect(), jobs, rules, prefix: queue })
      try {
        await enqueue(database.db, ...Array.from({ length: 200 }, (_, n) => step(first, { n })))
        await until(async () => (await count('first')).runs > 20)
        if (kind === 'redis') {
          const redis = new Redis(connect().url)
          await redis.flushdb()
          await redis.quit()
        } else {
          await database.query('delete from bullmq.job')
        }
        await until(() => queues.idle())
        expect(await count('first')).toEqual({ runs: 200, distinct: 200 })
        expect(await count('second')).toEqual({ runs: 200, distinct: 200 })
      } finally {
        await queues.close()
      }
    })

    test('after kills at any moment each job is done, and what follows was added once', async () => {
      const { first, jobs, rules } = defineCrashJobs(queue, database.query, 5)
      await enqueue(database.db, ...Array.from({ length: 300 }, (_, n) => step(first, { n })))
      for (let kills = 0; kills < 3; kills++) {
        const doomed = await startDoomed(connect(), 5)
        await sleep(50 + Math.random() * 300)
        doomed.kill('SIGKILL')
        await once(doomed, 'exit')
      }
      const queues = await startTestQueues({ database, connection: connect(), jobs, rules, prefix: queue })
      try {
        await until(() => queues.idle())
        const rows = await database.query(
          'select job, state, count(*)::int from outbox group by job, state order by job',
        )
        expect(rows).toEqual([
          { job: 'first', state: 'done', count: 300 },
          { job: 'second', state: 'done', count: 300 },
        ])
      } finally {
        await queues.close()
      }
    })
  })
}
