import { sql } from 'kysely'
import type { QueueDb } from './outbox.ts'

export type JobState = 'waiting' | 'sent' | 'running' | 'done' | 'dead'

/** One job as the outbox has it. */
export interface JobRecord {
  id: string
  job: string
  queue: string
  input: unknown
  priority: number
  state: JobState
  attempts: number
  progress: unknown
  /** Why the last try failed; `null` when none did, or once the job is done. */
  error: string | null
  runAt: Date
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

export interface JobFilter {
  state?: JobState
  job?: string
  queue?: string
  limit: number
  /** Only jobs older than the one with this id. */
  before?: string
}

export interface QueueCount {
  queue: string
  state: JobState
  count: number
}

const columns = sql.raw(`id::text as id, job, queue, input, priority, state, attempts, progress, error,
  run_at as "runAt", created_at as "createdAt", started_at as "startedAt", finished_at as "finishedAt"`)

/** Jobs by id, newest first. */
export async function listJobs(db: QueueDb, { state, job, queue, limit, before }: JobFilter): Promise<JobRecord[]> {
  const conditions = [sql`true`]
  if (state !== undefined) conditions.push(sql`state = ${state}`)
  if (job !== undefined) conditions.push(sql`job = ${job}`)
  if (queue !== undefined) conditions.push(sql`queue = ${queue}`)
  if (before !== undefined) conditions.push(sql`id < ${before}::bigint`)
  const { rows } = await sql<JobRecord>`
    select ${columns} from outbox where ${sql.join(conditions, sql` and `)}
    order by outbox.id desc limit ${limit}`.execute(db)
  return rows
}

export async function findJob(db: QueueDb, id: string): Promise<JobRecord | undefined> {
  const { rows } = await sql<JobRecord>`select ${columns} from outbox where id = ${id}::bigint`.execute(db)
  return rows[0]
}

/** How many jobs each queue has in each state; of `done` only those of the last 24 hours. */
export async function countJobs(db: QueueDb): Promise<QueueCount[]> {
  const { rows } = await sql<QueueCount>`
    select queue, state, count(*)::int as count
    from (
      select queue, state from outbox where state = 'waiting'
      union all
      select queue, state from outbox where state in ('sent', 'running')
      union all
      select queue, state from outbox where state = 'dead'
      union all
      select queue, state from outbox
      where state in ('done', 'dead') and state = 'done' and finished_at > now() - interval '24 hours'
    ) as counted
    group by queue, state order by queue, state`.execute(db)
  return rows
}

/**
 * Starts a dead job over with all its attempts, and a waiting one that is delayed at once.
 * False when there is no such job, or when the same work already waits.
 */
export async function retryJob(db: QueueDb, id: string): Promise<boolean> {
  const { rows } = await sql`
    with retried as (
      update outbox as o
      set state = 'waiting', run_at = now(), finished_at = null, started_at = null, progress = null,
        attempts = case when state = 'dead' then 0 else attempts end
      where id = ${id}::bigint and (state = 'dead' or state = 'waiting' and run_at > now())
        and not exists (
          select 1 from outbox as twin
          where twin.dedupe_key = o.dedupe_key and twin.state in ('waiting', 'sent') and twin.id <> o.id
        )
      returning id
    )
    select pg_notify('outbox', '') from retried`.execute(db)
  return rows.length > 0
}

/** Deletes the record of jobs that were done or dead more than this many days ago; returns how many. */
export async function pruneJobs(db: QueueDb, { olderThanDays }: { olderThanDays: number }): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from outbox
    where state in ('done', 'dead') and finished_at < now() - ${olderThanDays} * interval '1 day'`.execute(db)
  return Number(numAffectedRows ?? 0)
}
