import type { Config } from '@dayshift/domain/config'
import type { Context } from '@dayshift/domain/context'
import { checkEmbeddings } from '@dayshift/domain/embeddings'
import { jobs } from '@dayshift/domain/jobs'
import { pipeline } from '@dayshift/domain/pipeline'
import { enqueue, type PostgresPlace, step } from '@dayshift/queue'
import { type JobRun, type Queues, type QueueConnection, startQueues } from '@dayshift/queue/bullmq'
import { concurrencyOf } from './queues.ts'
import { scheduleOf } from './schedule.ts'

export interface WorkerParts {
  context: Context
  config: Config
  postgres: PostgresPlace
  connection: QueueConnection
  /** false: only what is asked for runs, nothing by the clock. */
  scheduled?: boolean
  /** Told how each try of a job ended that ran in this process. */
  onRun?: ((run: JobRun) => void) | undefined
}

/** Starts the queues and, unless told otherwise, the clock. */
export async function startWorker({
  context,
  config,
  postgres,
  connection,
  scheduled = true,
  onRun,
}: WorkerParts): Promise<Queues> {
  const queues = await startQueues({
    db: context.db,
    postgres,
    connection,
    prefix: config.REDIS_KEY_PREFIX,
    jobs,
    rules: pipeline,
    context,
    concurrency: concurrencyOf(config),
    log: context.log,
    ...(onRun && { onRun }),
  })
  // Setting no schedule would take away those of the other processes.
  if (scheduled) {
    await queues.schedule(scheduleOf(config))
    // Whoever starts us with another embedding model need not wait for the clock.
    await enqueue(context.db, step(checkEmbeddings, {}))
  }
  return queues
}

const LONGEST_CLOSING_MS = 5_000
const CLOSING_SHARE = 1 / 5

/** Running jobs get what is not needed to hand them back: to write their rows, to leave the queues, to close the rest. */
export function timesToClose(stopMs: number): { graceMs: number; closingMs: number } {
  const closingMs = Math.min(LONGEST_CLOSING_MS, stopMs * CLOSING_SHARE)
  return { graceMs: stopMs - 3 * closingMs, closingMs }
}
