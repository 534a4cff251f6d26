import type { JobType, Queue } from 'bullmq'
import type { QueueDb } from '../outbox.ts'
import type { Delivery } from './backend.ts'
import type { QueueLog } from './log.ts'
import { toJobId } from './relay.ts'
import { listUnfinished, markUnsent, markWaiting, type Unfinished } from './transitions.ts'

export interface SweeperOptions {
  db: QueueDb
  queues: Map<string, Queue<Delivery>>
  sweepMs: number
  /** Rows sent less long ago are left alone: their job may be about to be added. */
  staleMs: number
  log: QueueLog
  isRunning: (id: string) => boolean
  onWaiting: () => void
  /** Done with each sweep. */
  check: () => Promise<void>
}

export interface Sweeper {
  close(): Promise<void>
}

// In the order in which a job moves, so that one which moves while they are read is seen.
const unfinishedTypes: JobType[] = ['delayed', 'prioritized', 'wait', 'active']

/** Finds rows that were sent but have no job in their queue, because it was emptied or a process died, and sends them again. */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { sweepMs, log } = options
  let closed = false
  let underWay: Promise<void> | undefined
  let timer = setTimeout(run, sweepMs)

  function run(): void {
    underWay = sweep(options)
      .catch((error: unknown) => {
        if (!closed) log.warn({ error: (error as Error).message }, 'lost jobs were not looked for; trying again')
      })
      .finally(() => {
        if (!closed) timer = setTimeout(run, sweepMs)
      })
  }

  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await underWay
    },
  }
}

async function sweep({ db, queues, staleMs, log, isRunning, onWaiting, check }: SweeperOptions): Promise<void> {
  await check()
  const unfinished = Map.groupBy(await listUnfinished(db, staleMs), (row) => row.queue)
  for (const [name, rows] of unfinished) {
    const queue = queues.get(name)
    if (!queue) continue
    // Read after the rows: a job that ended in between is gone from both, and its row refuses the change.
    const present = new Set(await queue.getRanges(unfinishedTypes, 0, -1))
    const lost = rows.filter((row) => !present.has(toJobId(row)) && !isRunning(row.id))
    if (lost.length === 0) continue
    await sendAgain(db, lost)
    log.warn({ queue: name, jobs: lost.length }, `${lost.length} jobs were lost from queue ${name} and are sent again`)
    onWaiting()
  }
}

async function sendAgain(db: QueueDb, lost: Unfinished[]): Promise<void> {
  const sent = lost.filter((row) => row.state === 'sent')
  if (sent.length > 0) await markUnsent(db, sent)
  for (const row of lost) {
    if (row.state === 'running') await markWaiting(db, row, { delayMs: 0, error: null, free: false })
  }
}
