import { isDeepStrictEqual } from 'node:util'
import type { Queue, Worker } from 'bullmq'
import type { z } from 'zod'
import type { AnyJob, Job } from '../job.ts'
import { step } from '../job.ts'
import { enqueue, toRow, type QueueDb } from '../outbox.ts'
import type { Backend } from './backend.ts'

/** A job that is enqueued again and again. Equal inputs that still wait are not added twice. */
export interface Schedule {
  /** Unique among the schedules. Letters, digits, `.`, `_` and `-`. */
  name: string
  job: Job<never, z.ZodType, unknown>
  input: unknown
  /** First at once, then each so many milliseconds. */
  everyMs?: number
  /** Five or six fields (with seconds), in UTC. */
  cron?: string
}

export interface Scheduler {
  /** Makes `schedules` the whole list: others are removed, unchanged ones keep their next time. */
  set(schedules: Schedule[]): Promise<void>
  /** Restores what the queue engine has forgotten. */
  check: () => Promise<void>
  close(): Promise<void>
}

interface Tick {
  job: string
  input: unknown
}

export const scheduleQueue = 'schedule'

/** Ticks have a queue of their own, so that a full queue does not hold them up. */
export function createScheduler(
  backend: Backend,
  { db, jobs, onWaiting }: { db: QueueDb; jobs: Map<string, AnyJob>; onWaiting: () => void },
): Scheduler {
  let queue: Queue<Tick> | undefined
  let worker: Worker<Tick> | undefined
  let wanted: Schedule[] = []

  async function onTick(tick: Tick): Promise<void> {
    const job = jobs.get(tick.job)
    if (!job) throw new Error(`a schedule names the job ${tick.job}, which does not exist`)
    await enqueue(db, step(job, tick.input))
    onWaiting()
  }

  async function check(): Promise<void> {
    if (!queue) return
    const present = new Map((await queue.getJobSchedulers()).map((scheduler) => [scheduler.key, scheduler]))
    for (const { name, job, input, everyMs, cron } of wanted) {
      const found = present.get(name)
      present.delete(name)
      const tick = { job: job.name, input }
      const isSame =
        found !== undefined &&
        found.every === everyMs &&
        found.pattern === cron &&
        isDeepStrictEqual(found.template?.data, JSON.parse(JSON.stringify(tick)))
      if (isSame) continue
      const repeat = everyMs === undefined ? { pattern: cron!, tz: 'UTC' } : { every: everyMs }
      const opts = {
        removeOnComplete: true,
        removeOnFail: true,
        attempts: 5,
        backoff: { type: 'exponential', delay: 1_000 },
      }
      await queue.upsertJobScheduler(name, repeat, { name: job.name, data: tick, opts })
    }
    for (const name of present.keys()) await queue.removeJobScheduler(name)
  }

  return {
    async set(schedules) {
      checkSchedules(schedules, jobs)
      wanted = schedules
      queue ??= backend.openQueue<Tick>(scheduleQueue)
      worker ??= backend.openWorker<Tick>(scheduleQueue, ({ data }) => onTick(data), { concurrency: 1 })
      await check()
    },
    check,
    async close() {
      await worker?.close()
      await queue?.close()
    },
  }
}

function checkSchedules(schedules: Schedule[], jobs: Map<string, AnyJob>): void {
  const names = new Set<string>()
  for (const { name, job, input, everyMs, cron } of schedules) {
    if (!/^[\w.-]+$/.test(name)) throw new Error(`schedule ${name}: a name has only letters, digits, ".", "_" and "-"`)
    if (names.has(name)) throw new Error(`two schedules are named ${name}`)
    if ((everyMs === undefined) === (cron === undefined))
      throw new Error(`schedule ${name}: give either everyMs or cron`)
    if (jobs.get(job.name) !== job) throw new Error(`schedule ${name}: its job ${job.name} is not among the jobs`)
    toRow(step(job, input))
    names.add(name)
  }
}
