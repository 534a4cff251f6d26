import type { Queue } from 'bullmq'
import type { QueueDb } from '../outbox.ts'
import type { JobEvent } from '../watch.ts'
import type { Delivery } from './backend.ts'
import type { QueueLog } from './log.ts'
import { findNextDueMs, markDead, markSent, markUnsent, type Sent } from './transitions.ts'

export interface RelayOptions {
  db: QueueDb
  queues: Map<string, Queue<Delivery>>
  pollMs: number
  log: QueueLog
  tell: (event: JobEvent) => void
}

/** Carries due rows from the outbox to their queues. */
export interface Relay {
  /** Looks now rather than at the next poll. */
  wake(): void
  close(): Promise<void>
}

const batchRows = 500
// A due row that is locked elsewhere is not asked for in a tight loop.
const soonestMs = 20

/**
 * Rows are marked sent before they are added to a queue: no transaction is open while the other store is spoken to.
 * A crash between the two leaves a sent row without a job, which the sweeper finds.
 */
export function startRelay({ db, queues, pollMs, log, tell }: RelayOptions): Relay {
  const stop = new AbortController()
  const isStopped = () => stop.signal.aborted
  let woken = false
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> | undefined

  async function look(): Promise<void> {
    let waitMs = pollMs
    try {
      do woken = false
      while (((await sendBatch()) === batchRows || woken) && !isStopped())
      waitMs = Math.max(soonestMs, Math.min(pollMs, (await findNextDueMs(db)) ?? pollMs))
    } catch (error) {
      if (!isStopped()) log.warn({ error: (error as Error).message }, 'the outbox was not relayed; trying again')
    }
    underWay = undefined
    if (!isStopped()) timer = setTimeout(start, woken ? 0 : waitMs)
  }

  function start(): void {
    clearTimeout(timer)
    underWay ??= look()
  }

  async function sendBatch(): Promise<number> {
    const sent = await markSent(db, batchRows)
    for (const [name, rows] of Map.groupBy(sent, (row) => row.queue)) {
      const queue = queues.get(name)
      if (queue) await add(queue, rows)
      else for (const row of rows) await bury(row)
    }
    return sent.length
  }

  async function bury({ id, sending, job, queue }: Sent): Promise<void> {
    const error = `there is no queue named ${queue}`
    await markDead(db, { id, sending }, error)
    log.error({ id, job, queue, error }, `job ${job} is dead: ${error}`)
    tell({ type: 'dead', id, job, queue, error })
  }

  async function add(queue: Queue<Delivery>, rows: Sent[]): Promise<void> {
    try {
      await queue.addBulk(rows.map(toBullJob))
    } catch (error) {
      await markUnsent(db, rows)
      throw error
    }
    for (const { id, job, queue } of rows) tell({ type: 'queued', id, job, queue })
  }

  start()
  return {
    wake() {
      woken = true
      if (!isStopped() && !underWay) start()
    },
    async close() {
      stop.abort()
      clearTimeout(timer)
      await underWay
    },
  }
}

/** The id names the sending: adding one twice is one job, and a retry is not taken for the try before it. */
export function toJobId({ id, sending }: Delivery): string {
  return `o-${id}-${sending}`
}

function toBullJob({ id, sending, job, priority }: Sent) {
  return {
    name: job,
    data: { id, sending },
    opts: { jobId: toJobId({ id, sending }), priority, attempts: 1, removeOnComplete: true, removeOnFail: true },
  }
}
