import { sql } from 'kysely'
import { rowColumns, toStorable, type OutboxRow, type QueueDb } from '../outbox.ts'
import type { Delivery } from './backend.ts'

/*
 * The states of an outbox row, and every statement that moves it from one to the next:
 *
 *   waiting → sent → running → done | dead          running → waiting (again, later)
 *
 * `sent_at` in microseconds names the sending. Each later statement asks for it, so a delivery that was overtaken
 * (sent again by the sweeper, run by another process) changes nothing. Each statement is a transaction of its own.
 */

const sending = sql.raw(`(extract(epoch from o.sent_at) * 1000000)::bigint::text`)

export interface Sent extends Delivery {
  job: string
  queue: string
  priority: number
}

export interface Claimed {
  job: string
  input: unknown
  /** This try included. */
  attempts: number
}

/** Takes up to `limit` rows whose time has come. */
export async function markSent(db: QueueDb, limit: number): Promise<Sent[]> {
  const { rows } = await sql<Sent>`
    with due as materialized (
      select id from outbox
      where state = 'waiting' and run_at <= now()
      order by id limit ${limit} for update skip locked
    )
    update outbox as o set state = 'sent', sent_at = clock_timestamp()
    from due where o.id = due.id
    returning o.id::text as id, o.job, o.queue, o.priority, ${sending} as sending`.execute(db)
  return rows.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
}

/** Milliseconds until the next row is due, or undefined. */
export async function findNextDueMs(db: QueueDb): Promise<number | undefined> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(run_at) - clock_timestamp()) * 1000)::float8 as ms
    from outbox where state = 'waiting'`.execute(db)
  return rows[0]?.ms ?? undefined
}

/** Puts back rows whose sending did not arrive; returns the ids of those that had not gone on. */
export async function markUnsent(db: QueueDb, deliveries: Delivery[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update outbox as o set state = 'waiting', sent_at = null
    from ${asTable(deliveries)}
    where o.id = delivery.id and o.state = 'sent' and o.sent_at = delivery.sent_at
    returning o.id::text as id`.execute(db)
  return rows.map((row) => row.id)
}

/** Marks rows running; undefined for a delivery that was overtaken. A running row is claimed again: its process died. */
export async function markRunning(db: QueueDb, deliveries: Delivery[]): Promise<(Claimed | undefined)[]> {
  const { rows } = await sql<Claimed & { id: string }>`
    update outbox as o set state = 'running', started_at = clock_timestamp(), attempts = o.attempts + 1
    from ${asTable(deliveries)}
    where o.id = delivery.id and o.state in ('sent', 'running') and o.sent_at = delivery.sent_at
    returning o.id::text as id, o.job, o.input, o.attempts`.execute(db)
  const claimed = new Map(rows.map(({ id, ...row }) => [id, row]))
  return deliveries.map(({ id }) => claimed.get(id))
}

/** Marks rows done and adds what follows them, both or neither; false for a delivery that was overtaken. */
export async function markDone(db: QueueDb, finished: (Delivery & { next: OutboxRow[] })[]): Promise<boolean[]> {
  const next = finished.flatMap(({ id, next }) => next.map((row) => ({ after: id, ...row })))
  const { rows } = next.length > 0 ? await markDoneWith(db, finished, next) : await markDoneAlone(db, finished)
  const done = new Set(rows.map((row) => row.id))
  return finished.map(({ id }) => done.has(id))
}

const markDoneAlone = (db: QueueDb, deliveries: Delivery[]) =>
  sql<{ id: string }>`
    update outbox as o set state = 'done', finished_at = clock_timestamp(), error = null
    from ${asTable(deliveries)}
    where o.id = delivery.id and o.state = 'running' and o.sent_at = delivery.sent_at
    returning o.id::text as id`.execute(db)

const markDoneWith = (db: QueueDb, deliveries: Delivery[], next: (OutboxRow & { after: string })[]) =>
  sql<{ id: string }>`
    with done as (
      update outbox as o set state = 'done', finished_at = clock_timestamp(), error = null
      from ${asTable(deliveries)}
      where o.id = delivery.id and o.state = 'running' and o.sent_at = delivery.sent_at
      returning o.id
    ), added as (
      insert into outbox (job, queue, input, dedupe_key, priority, run_at)
      select job, queue, input, dedupe_key, priority, now() + delay_ms * interval '1 ms'
      from jsonb_to_recordset(${JSON.stringify(next)}::jsonb) as step(after bigint, ${rowColumns})
      where after in (select id from done)
      on conflict (dedupe_key) where state in ('waiting', 'sent') do nothing
    )
    select id::text as id from done`.execute(db)

export interface Again {
  delayMs: number
  error: string | null
  /** True when this try is not to count. */
  free: boolean
}

/** Lets a running row wait for another try; false when the delivery was overtaken. */
export async function markWaiting(db: QueueDb, delivery: Delivery, again: Again): Promise<boolean> {
  const error = again.error === null ? null : toStorable(again.error)
  // While this one ran the same step may have been added anew. Both stay, this one without the key.
  const update = (dedupeKey: ReturnType<typeof sql>) =>
    sql`
      update outbox as o
      set state = 'waiting', sent_at = null, started_at = null, progress = null,
        run_at = clock_timestamp() + ${again.delayMs} * interval '1 ms',
        error = coalesce(${error}, error), attempts = attempts - ${again.free ? 1 : 0}, dedupe_key = ${dedupeKey}
      where id = ${delivery.id}::bigint and state = 'running' and sent_at = ${toSentAt(delivery.sending)}
      returning id`.execute(db)
  try {
    return (await update(sql`dedupe_key`)).rows.length > 0
  } catch (error) {
    if ((error as { code?: string }).code !== uniqueViolation) throw error
    return (await update(sql`null`)).rows.length > 0
  }
}

const uniqueViolation = '23505'

/** Gives a row up; false when the delivery was overtaken. */
export async function markDead(db: QueueDb, delivery: Delivery, error: string): Promise<boolean> {
  const { rows } = await sql`
    update outbox as o set state = 'dead', finished_at = clock_timestamp(), error = ${toStorable(error)}
    where id = ${delivery.id}::bigint and state in ('sent', 'running') and sent_at = ${toSentAt(delivery.sending)}
    returning id`.execute(db)
  return rows.length > 0
}

export interface Unfinished extends Delivery {
  queue: string
  state: 'sent' | 'running'
}

/** Rows that were sent at least `staleMs` ago and have not come to an end. */
export async function listUnfinished(db: QueueDb, staleMs: number): Promise<Unfinished[]> {
  const { rows } = await sql<Unfinished>`
    select id::text as id, queue, state, ${sending} as sending from outbox as o
    where state in ('sent', 'running') and sent_at < clock_timestamp() - ${staleMs} * interval '1 ms'
    order by id`.execute(db)
  return rows
}

/** Deliveries to join with; commits need not be waited for: one that a crash of the server takes back is repeated. */
function asTable(deliveries: Delivery[]) {
  const ids = deliveries.map((delivery) => delivery.id)
  const sendings = deliveries.map((delivery) => delivery.sending)
  return sql`(
    select id, ${toSentAt(sql`sending`)} as sent_at
    from set_config('synchronous_commit', 'off', true), unnest(${ids}::bigint[], ${sendings}::bigint[]) as each(id, sending)
  ) as delivery`
}

// A double holds microseconds since 1970 exactly until the year 2255.
function toSentAt(sending: unknown) {
  return sql`(timestamptz 'epoch' + ${sending}::bigint * interval '1 microsecond')`
}
