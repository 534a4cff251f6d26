import type { Config } from '@dayshift/domain/config'
import type { Context } from '@dayshift/domain/context'
import { checkEmbeddings } from '@dayshift/domain/embeddings'
import { jobs } from '@dayshift/domain/jobs'
import { pipeline } from '@dayshift/domain/pipeline'
import { enqueue, step } from '@dayshift/queue'
import { type Queues, type QueueConnection, startQueues } from '@dayshift/queue/bullmq'
import { concurrencyOf } from './queues.ts'
import { schedule } from './schedule.ts'

export interface WorkerParts {
  context: Context
  config: Config
  databaseUrl: string
  connection: QueueConnection
  /** false: only what is asked for runs, nothing by the clock. */
  scheduled?: boolean
}

/** Starts the queues and, unless told otherwise, the clock. */
export async function startWorker({
  context,
  config,
  databaseUrl,
  connection,
  scheduled = true,
}: WorkerParts): Promise<Queues> {
  const queues = await startQueues({
    db: context.db,
    databaseUrl,
    connection,
    jobs,
    rules: pipeline,
    context,
    concurrency: concurrencyOf(config),
    log: context.log,
  })
  // Setting no schedule would take away those of the other processes.
  if (scheduled) {
    await queues.schedule(schedule)
    // Whoever starts us with another embedding model need not wait for the clock.
    await enqueue(context.db, step(checkEmbeddings, {}))
  }
  return queues
}
