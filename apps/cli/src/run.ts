import { takeBackJobs } from '@dayshift/queue'
import type { Queues } from '@dayshift/queue/bullmq'
import { type Log, type OpenContext, queueConnection, type Settings } from '@dayshift/runtime'
import type { Closing, Life } from '@dayshift/runtime/run-main'
import { startWorker, timesToClose } from '@dayshift/worker'

/** One run of the program: what it was told, what is open, and what to close at the end, last first. */
export interface Run extends Settings {
  open: OpenContext
  log: Log
  closing: Closing
  life: Life
  print: (line: string) => void
}

/** Starts the queues, once what they shall do is in place; `scheduled` also starts the clock. */
export async function startQueues({ open, config, secrets, closing, life }: Run, scheduled: boolean): Promise<Queues> {
  const { context, postgres } = open
  // The data folder's lock says that nobody else has these jobs.
  if (secrets.DATABASE_URL === undefined) await takeBackJobs(context.db)
  const connection = queueConnection(open)
  const queues = await startWorker({ context, config, postgres, connection, scheduled })
  closing.push(() => queues.close(timesToClose(life.msLeft())))
  return queues
}
