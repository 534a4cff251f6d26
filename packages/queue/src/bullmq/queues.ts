import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { AnyJob, ContextOf, Rule } from '../job.ts'
import { listen } from '../listen.ts'
import { checkPriority, type QueueDb } from '../outbox.ts'
import type { PostgresPlace } from '../postgres-server.ts'
import { countJobs, type QueueCount } from '../records.ts'
import { jobEventChannel, readEvents, type JobListener } from '../watch.ts'
import { createAnnouncer } from './announcer.ts'
import { openBackend, type Delivery, type QueueConnection } from './backend.ts'
import type { QueueLog } from './log.ts'
import { startRelay } from './relay.ts'
import { createRunner, type JobRun } from './runner.ts'
import { createScheduler, scheduleQueue, type Schedule } from './schedules.ts'
import { startSweeper } from './sweeper.ts'

export interface QueuesOptions<Jobs extends readonly AnyJob[]> {
  /** Holds the outbox. */
  db: QueueDb
  /** The same database: the relay and `watch` listen on connections of their own. */
  postgres: PostgresPlace
  connection: QueueConnection
  jobs: Jobs
  /** What follows which job. */
  rules: readonly Rule[]
  /** Given to each job. */
  context: ContextOf<Jobs[number]>
  /** How many jobs of a queue run at once in this process; a queue left out is not worked here. */
  concurrency: Readonly<Record<string, number>>
  log: QueueLog
  /** Told how each try of a job ended that ran in this process. */
  onRun?: (run: JobRun) => void
  /** Of the keys in Redis. Default `dayshift`. */
  prefix?: string
  timings?: Partial<Timings>
}

/** All in milliseconds. */
interface Timings {
  /** How often the outbox is looked at when nothing wakes the relay. Default 5,000. */
  pollMs: number
  /** How often lost jobs and schedules are looked for. Default 30,000. */
  sweepMs: number
  /** How long after it was sent a row may count as lost. Default 30,000. */
  staleMs: number
  /** How long a silent process keeps its jobs. Default 30,000. */
  lockMs: number
}

/** The running queues of this process. */
export interface Queues {
  /** Makes this the whole list of schedules, for all processes. */
  schedule(schedules: Schedule[]): Promise<void>
  /** Tells what becomes of the jobs of all processes, see `watchJobs`; returns what stops it. */
  watch(listener: JobListener): () => void
  /** Whether no job waits, also not for later, or runs. */
  idle(): Promise<boolean>
  /** Stops a queue in all processes; what runs goes on. */
  pause(queue: string): Promise<void>
  resume(queue: string): Promise<void>
  counts(): Promise<QueueCount[]>
  /**
   * Takes no more jobs, gives the running ones `graceMs` (default 10,000) to end, then aborts them: those wait again. Gives up
   * waiting for a server that does not answer `closingMs` (default 5,000) later; what was in hand then is found by the next sweep.
   */
  close(options?: { graceMs?: number; closingMs?: number }): Promise<void>
}

const defaults: Timings = { pollMs: 5_000, sweepMs: 30_000, staleMs: 30_000, lockMs: 30_000 }
const defaultGraceMs = 10_000
const defaultClosingMs = 5_000

/** Starts the relay, the workers and the sweeper. Throws when the jobs contradict one another or PostgreSQL is away; Redis may come later. */
export async function startQueues<const Jobs extends readonly AnyJob[]>(options: QueuesOptions<Jobs>): Promise<Queues> {
  const { db, postgres, connection, rules, context, concurrency, log, onRun, prefix = 'dayshift' } = options
  const { pollMs, sweepMs, staleMs, lockMs } = { ...defaults, ...options.timings }
  const jobs = checkJobs(options.jobs, rules, concurrency)
  const queueNames = [...new Set(options.jobs.map((job) => job.queue))]

  let closed: Promise<void> | undefined
  const onError = (error: Error) => {
    if (!closed) log.warn({ error: error.message }, `the queues have trouble with a connection: ${error.message}`)
  }
  const backend = await openBackend({ connection, workers: queueNames.length + 1, prefix, onError })
  const queues = new Map(queueNames.map((name) => [name, backend.openQueue<Delivery>(name)]))
  const announcer = createAnnouncer(db, log)
  const relay = startRelay({ db, queues, pollMs, log, tell: announcer.tell })
  const onWaiting = () => relay.wake()
  const listeners = new Set<JobListener>()
  const listening = await listen({
    postgres,
    channels: {
      outbox: onWaiting,
      [jobEventChannel](payload) {
        if (listeners.size === 0) return
        for (const event of readEvents(payload)) for (const listener of listeners) listener(event)
      },
    },
    onConnect: onWaiting,
    onError,
  })
  const runner = createRunner({ db, jobs, rules, context, log, tell: announcer.tell, onWaiting, onRun })
  const scheduler = createScheduler(backend, { db, jobs, onWaiting })
  const check = () => scheduler.check()
  const sweeper = startSweeper({
    db,
    queues,
    sweepMs,
    staleMs,
    log,
    isRunning: (id) => runner.isRunning(id),
    onWaiting,
    check,
  })
  const workers = queueNames.flatMap((name) => {
    const slots = concurrency[name]
    if (slots === undefined) return []
    return backend.openWorker<Delivery>(name, ({ data }) => runner.run(name, data), {
      concurrency: slots,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      // The outbox counts the tries; one in which the process died is one of them.
      maxStalledCount: 1_000,
      runRetryDelay: 1_000,
    })
  })

  function getQueue(name: string) {
    const queue = queues.get(name)
    if (!queue) throw new Error(`there is no queue named ${name}; there are ${queueNames.join(', ')}`)
    return queue
  }

  async function closeParts(workersClosed: Promise<unknown>): Promise<void> {
    await workersClosed
    await scheduler.close()
    await announcer.close()
    await Promise.all([...queues.values()].map((queue) => queue.close()))
    await listening.close()
  }

  async function close(graceMs: number, closingMs: number): Promise<void> {
    // All are asked at once, and waited for only so long: one that waits for a dead server must not hold up the others.
    const quiet = Promise.allSettled([relay.close(), sweeper.close(), ...workers.map((worker) => worker.close())])
    await endsWithin(graceMs, runner.idle())
    runner.interrupt()
    if (!(await endsWithin(closingMs, closeParts(quiet))))
      log.warn({}, 'the queues were closed without an answer of their server; what was in hand is sent again later')
    await endsWithin(closingMs, backend.close())
  }

  return {
    schedule: (schedules) => scheduler.set(schedules),
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async idle() {
      const { rows } = await sql`
        select from outbox where state = 'waiting' union all select from outbox where state in ('sent', 'running')
        limit 1`.execute(db)
      return rows.length === 0
    },
    pause: async (queue) => getQueue(queue).pause(),
    resume: async (queue) => getQueue(queue).resume(),
    counts: () => countJobs(db),
    close: ({ graceMs = defaultGraceMs, closingMs = defaultClosingMs } = {}) => (closed ??= close(graceMs, closingMs)),
  }
}

/** Whether `work` ends well in time. */
async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const stop = new AbortController()
  const late = sleep(ms, false, { signal: stop.signal }).catch(() => false)
  try {
    return await Promise.race([
      work.then(
        () => true,
        () => false,
      ),
      late,
    ])
  } finally {
    stop.abort()
  }
}

/** The jobs by name. Throws when two share one, when a name cannot be used, or when a job or queue is missing. */
function checkJobs(
  list: readonly AnyJob[],
  rules: readonly Rule[],
  concurrency: Readonly<Record<string, number>>,
): Map<string, AnyJob> {
  const jobs = new Map<string, AnyJob>()
  for (const job of list) {
    if (jobs.has(job.name)) throw new Error(`two jobs are named ${job.name}`)
    if (!/^[\w.-]+$/.test(job.queue) || job.queue === scheduleQueue) {
      throw new Error(`job ${job.name}: ${job.queue} cannot be the name of its queue`)
    }
    if (!(Number.isInteger(job.attempts) && job.attempts >= 1)) {
      throw new Error(`job ${job.name}: expected 1 or more attempts, got ${job.attempts}`)
    }
    checkPriority(job.name, job.priority ?? 0)
    jobs.set(job.name, job)
  }
  for (const { job } of rules) {
    if (jobs.get(job.name) !== job) throw new Error(`a rule follows the job ${job.name}, which is not among the jobs`)
  }
  for (const [queue, slots] of Object.entries(concurrency)) {
    if (!list.some((job) => job.queue === queue)) throw new Error(`no job is of the queue ${queue}`)
    if (!(Number.isInteger(slots) && slots >= 1))
      throw new Error(`queue ${queue}: expected 1 or more slots, got ${slots}`)
  }
  return jobs
}
