import { z } from 'zod'
import { PermanentError, RetryLater } from '../errors.ts'
import type { AnyJob, Rule } from '../job.ts'
import { toRow, type OutboxRow, type QueueDb } from '../outbox.ts'
import type { JobEvent } from '../watch.ts'
import { backoffMs } from './backoff.ts'
import type { Delivery } from './backend.ts'
import { inBatches } from './batch.ts'
import type { QueueLog } from './log.ts'
import { markDead, markDone, markRunning, markUnsent, markWaiting, type Claimed } from './transitions.ts'

export interface RunnerOptions {
  db: QueueDb
  jobs: Map<string, AnyJob>
  rules: readonly Rule[]
  context: unknown
  log: QueueLog
  tell: (event: JobEvent) => void
  /** Called when rows were added or put back. */
  onWaiting: () => void
  onRun?: ((run: JobRun) => void) | undefined
}

/** How one try of a job in this process ended, for those who count. */
export interface JobRun {
  /** `unknown` for a row whose job does not exist. */
  job: string
  /**
   * retry: it failed and is tried again; later: it asked to wait; dead: it was given up; interrupted: the process stops and
   * the row waits again; overtaken: another process has run it meanwhile, or it could not be said what became of it.
   */
  outcome: 'done' | 'retry' | 'later' | 'dead' | 'interrupted' | 'overtaken'
  tookMs: number
}

type Outcome = JobRun['outcome']

/** Runs deliveries and writes to the outbox what became of them. */
export interface Runner {
  run(queue: string, delivery: Delivery): Promise<void>
  /** Whether this row is being run in this process. */
  isRunning: (id: string) => boolean
  /** Resolves when nothing runs here, at once or later. */
  idle(): Promise<void>
  /** Stops what is running; the rows wait again as if they had not been started. Nothing is started after it. */
  interrupt(): void
}

class InterruptedError extends Error {
  override name = 'InterruptedError'
}

class TimeoutError extends Error {
  override name = 'TimeoutError'
}

const defaultTimeoutMs = 600_000

export function createRunner({ db, jobs, rules, context, log, tell, onWaiting, onRun }: RunnerOptions): Runner {
  const running = new Map<string, AbortController>()
  const waitingForIdle: (() => void)[] = []
  let stopped = false
  const claim = inBatches((deliveries: Delivery[]) => markRunning(db, deliveries))
  const finish = inBatches((finished: (Delivery & { next: OutboxRow[] })[]) => markDone(db, finished))

  async function run(queue: string, delivery: Delivery): Promise<void> {
    // The queue engine may deliver a job twice when this process was slow to renew its lock.
    if (running.has(delivery.id)) return
    if (stopped) return void (await markUnsent(db, [delivery]))
    const abort = new AbortController()
    running.set(delivery.id, abort)
    try {
      const claimed = await claim(delivery)
      if (claimed) await count(claimed, () => work(queue, delivery, claimed, abort))
    } finally {
      running.delete(delivery.id)
      if (running.size === 0) for (const resolve of waitingForIdle.splice(0)) resolve()
    }
  }

  async function count({ job }: Claimed, work: () => Promise<Outcome>): Promise<void> {
    const start = performance.now()
    let outcome: Outcome = 'overtaken'
    try {
      outcome = await work()
    } finally {
      onRun?.({ job: jobs.has(job) ? job : 'unknown', outcome, tookMs: performance.now() - start })
    }
  }

  async function work(queue: string, delivery: Delivery, claimed: Claimed, abort: AbortController): Promise<Outcome> {
    const { id } = delivery
    const about = { id, job: claimed.job, queue }
    const job = jobs.get(claimed.job)
    try {
      if (!job) throw new PermanentError(`there is no job named ${claimed.job}`)
      // Only a process that died leaves a row running, and each such try was counted when it began.
      if (claimed.attempts > job.attempts) {
        throw new PermanentError(`the process died in each of its ${job.attempts} tries`)
      }
      tell({ type: 'started', ...about })
      const output = await runJob(job, claimed, context, abort, (progress) => {
        if (!abort.signal.aborted) tell({ type: 'progress', ...about, progress })
      })
      const next = rules.filter((rule) => rule.job === job).flatMap((rule) => rule.steps(output).map(toRow))
      const isOurs = await finish({ ...delivery, next })
      if (isOurs) tell({ type: 'done', ...about })
      if (next.length > 0) onWaiting()
      return isOurs ? 'done' : 'overtaken'
    } catch (error) {
      return fail(job, delivery, claimed, about, error)
    }
  }

  async function fail(
    job: AnyJob | undefined,
    delivery: Delivery,
    { attempts }: Claimed,
    about: { id: string; job: string; queue: string },
    thrown: unknown,
  ): Promise<Outcome> {
    const error = describe(thrown)
    if (thrown instanceof InterruptedError) {
      const isOurs = await markWaiting(db, delivery, { delayMs: 0, error: null, free: true })
      return isOurs ? 'interrupted' : 'overtaken'
    }
    if (job?.isPointless?.(thrown)) {
      if (!(await finish({ ...delivery, next: [] }))) return 'overtaken'
      tell({ type: 'done', ...about })
      return 'done'
    }
    const isLater = thrown instanceof RetryLater
    if (!job || thrown instanceof PermanentError || (!isLater && attempts >= job.attempts)) {
      if (!(await markDead(db, delivery, error))) return 'overtaken'
      log.error({ ...about, attempts, error }, `job ${about.job} is dead: ${error}`)
      tell({ type: 'dead', ...about, error })
      return 'dead'
    }
    const delayMs = isLater ? thrown.delayMs : backoffMs(job.backoffMs, attempts)
    if (!(await markWaiting(db, delivery, { delayMs, error, free: isLater }))) return 'overtaken'
    if (isLater) log.info({ ...about, delayMs, error }, `job ${about.job} waits: ${error}`)
    else log.warn({ ...about, attempts, delayMs, error }, `job ${about.job} is tried again: ${error}`)
    tell({ type: 'retry', ...about, error })
    onWaiting()
    return isLater ? 'later' : 'retry'
  }

  return {
    run,
    isRunning: (id) => running.has(id),
    idle: () => (running.size === 0 ? Promise.resolve() : new Promise((resolve) => waitingForIdle.push(resolve))),
    interrupt() {
      stopped = true
      for (const abort of running.values()) abort.abort(new InterruptedError('the process stops'))
    },
  }
}

/** Runs a job until it ends or is aborted: one that does not heed its signal goes on unseen, its output is dropped. */
async function runJob(
  job: AnyJob,
  { input, attempts }: Claimed,
  context: unknown,
  abort: AbortController,
  progress: (value: unknown) => void,
): Promise<unknown> {
  const { signal } = abort
  const parsed = job.input.safeParse(input)
  if (!parsed.success) throw new PermanentError(`its input does not fit: ${z.prettifyError(parsed.error)}`)
  const timeoutMs = job.timeoutMs ?? defaultTimeoutMs
  const timer = setTimeout(() => abort.abort(new TimeoutError(`took longer than ${timeoutMs} ms`)), timeoutMs)
  try {
    signal.throwIfAborted()
    return await new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      job.run(context, parsed.data, { progress, signal, attempt: attempts }).then(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
  }
}

const longestError = 4_000

/** The messages of an error and of its causes. */
function describe(thrown: unknown): string {
  const messages: string[] = []
  let error = thrown
  while (error instanceof Error && messages.length < 5) {
    messages.push(error.message || error.name)
    error = error.cause
  }
  if (typeof error === 'string') messages.push(error)
  return messages.join(': ').slice(0, longestError) || 'it failed without a message'
}
