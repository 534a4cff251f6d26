import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest'
import {
  startQueues,
  type JobRun,
  type QueueConnection,
  type QueueLog,
  type Queues,
  type QueuesOptions,
} from '../bullmq/index.ts'
import type { AnyJob, Rule } from '../job.ts'
import { openTestDatabase, type TestDatabase } from './database.ts'

/** Short waits, so that a test sees in a second what takes a minute in earnest. */
const quick = { pollMs: 200, sweepMs: 300, staleMs: 600, lockMs: 1_000 }

const silent: QueueLog = { info() {}, warn() {}, error() {} }

export interface TestQueuesOptions {
  database: TestDatabase
  connection: QueueConnection
  jobs: readonly AnyJob[]
  rules?: Rule[]
  slots?: number
  prefix: string
  timings?: NonNullable<QueuesOptions<readonly AnyJob[]>['timings']>
  onRun?: (run: JobRun) => void
}

/** Queues with short waits and `slots` (default 5) for each queue of `jobs`. */
export function startTestQueues({
  database,
  connection,
  jobs,
  rules = [],
  slots = 5,
  prefix,
  timings,
  onRun,
}: TestQueuesOptions): Promise<Queues> {
  return startQueues({
    db: database.db,
    postgres: database.url,
    connection,
    jobs,
    rules,
    context: {},
    concurrency: Object.fromEntries(jobs.map((job) => [job.queue, slots])),
    log: silent,
    prefix,
    timings: { ...quick, ...timings },
    ...(onRun && { onRun }),
  })
}

/** Waits until `holds`, at most `timeoutMs`. */
export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not happen in ${timeoutMs} ms: ${holds.toString()}`)
    await sleep(20)
  }
}

export type BackendKind = QueueConnection['kind']

const redisUrl = () => inject('services').redisUrl

/** Whether the tests of this backend have no server to run on. */
export const isAbsent = (kind: BackendKind) => kind === 'redis' && redisUrl() === undefined

/** Where the jobs of a test wait; `redisDb` keeps apart what tests leave in Redis. */
export function toConnection(kind: BackendKind, url: string, redisDb: number): QueueConnection & { url: string } {
  return kind === 'redis' ? { kind, url: new URL(`/${redisDb}`, redisUrl()).href } : { kind, url }
}

export interface Stage {
  readonly database: TestDatabase
  /** A name of its own for each test. */
  readonly queue: string
  start(jobs: readonly AnyJob[], options?: { rules?: Rule[]; slots?: number }): Promise<Queues>
}

let queuesMade = 0

/** For the tests of a `describe`: a database, emptied before each test, and queues that are closed after it. */
export function useStage(kind: BackendKind): Stage {
  let database: TestDatabase
  let queue = ''
  let running: Queues[] = []
  beforeAll(async () => {
    database = await openTestDatabase()
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await database.query('truncate outbox')
    queue = `q${process.pid}-${queuesMade++}`
  })
  afterEach(async () => {
    await Promise.all(running.map((queues) => queues.close({ graceMs: 0 })))
    running = []
  })
  return {
    get database() {
      return database
    },
    get queue() {
      return queue
    },
    async start(jobs, options) {
      const connection = toConnection(kind, database.url, 12)
      const queues = await startTestQueues({ database, connection, jobs, prefix: queue, ...options })
      running.push(queues)
      return queues
    },
  }
}
