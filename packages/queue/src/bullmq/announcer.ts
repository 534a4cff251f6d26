import { sql } from 'kysely'
import { toStorable, type QueueDb } from '../outbox.ts'
import { jobEventChannel, type JobEvent } from '../watch.ts'
import type { QueueLog } from './log.ts'

/** Tells watchers in all processes what becomes of the jobs, and keeps their progress. */
export interface Announcer {
  tell: (event: JobEvent) => void
  /** Tells what is left. */
  close(): Promise<void>
}

// The window makes progress at most four a second, and 1,500 jobs a second some twenty notifications.
const windowMs = 250
// PostgreSQL takes payloads below 8,000 bytes.
const payloadBytes = 7_900
const longestProgress = 2_000
const longestError = 500

/** Nothing waits for it: an announcement that fails is logged, and the outbox still has the truth. */
export function createAnnouncer(db: QueueDb, log: QueueLog): Announcer {
  let latest = new Map<string, JobEvent>()
  let timer: NodeJS.Timeout | undefined
  let telling: Promise<void> = Promise.resolve()
  let lastAt = 0

  function flush(): void {
    timer = undefined
    lastAt = Date.now()
    const events = [...latest.values()]
    latest = new Map()
    if (events.length === 0) return
    telling = announceAfter(telling, events)
  }

  async function announceAfter(before: Promise<void>, events: JobEvent[]): Promise<void> {
    await before
    try {
      await announce(db, events)
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'job events were not announced')
    }
  }

  return {
    tell(event) {
      latest.set(event.id, event)
      timer ??= setTimeout(flush, Math.max(0, lastAt + windowMs - Date.now()))
    },
    async close() {
      clearTimeout(timer)
      flush()
      await telling
    },
  }
}

async function announce(db: QueueDb, events: JobEvent[]): Promise<void> {
  const progress = events.filter((event) => event.type === 'progress').map(({ id, progress }) => ({ id, progress }))
  const payloads = toPayloads(events)
  if (progress.length === 0) {
    await sql`select pg_notify(${jobEventChannel}, payload) from unnest(${payloads}::text[]) as payload`.execute(db)
    return
  }
  await sql`
    with saved as (
      update outbox as o set progress = told.progress
      from jsonb_to_recordset(${JSON.stringify(progress)}::jsonb) as told(id bigint, progress jsonb)
      where o.id = told.id and o.state = 'running'
    )
    select pg_notify(${jobEventChannel}, payload) from unnest(${payloads}::text[]) as payload`.execute(db)
}

/** As few JSON arrays as the size of a notification allows. */
export function toPayloads(events: JobEvent[]): string[] {
  const payloads: string[] = []
  let open: string[] = []
  let bytes = 2
  for (const event of events) {
    const text = JSON.stringify(shorten(event))
    const size = Buffer.byteLength(text) + 1
    if (open.length > 0 && bytes + size > payloadBytes) {
      payloads.push(`[${open.join(',')}]`)
      open = []
      bytes = 2
    }
    open.push(text)
    bytes += size
  }
  if (open.length > 0) payloads.push(`[${open.join(',')}]`)
  return payloads
}

function shorten({ progress, error, ...event }: JobEvent): JobEvent {
  const fits = progress !== undefined && JSON.stringify(progress).length <= longestProgress
  return {
    ...event,
    ...(fits && { progress }),
    ...(error !== undefined && { error: toStorable(error.slice(0, longestError)) }),
  }
}
