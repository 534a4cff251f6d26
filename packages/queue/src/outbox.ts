import { createHash } from 'node:crypto'
import { sql, type QueryExecutorProvider } from 'kysely'
import { z } from 'zod'
import { InvalidInputError } from './errors.ts'
import type { Step } from './job.ts'

/** A Kysely database or a transaction in it, whatever its tables are. */
export type QueueDb = QueryExecutorProvider

/** A step as the outbox keeps it; `delay_ms` becomes `run_at` by the clock of the database. */
export interface OutboxRow {
  job: string
  queue: string
  input: unknown
  dedupe_key: string | null
  priority: number
  delay_ms: number
}

/** The definition of `OutboxRow` for `jsonb_to_recordset`. */
export const rowColumns = sql.raw(
  'job text, queue text, input jsonb, dedupe_key text, priority int, delay_ms double precision',
)

const highestPriority = 2_097_152

/**
 * Adds steps in the transaction of the caller, in one statement; they run once it is committed.
 * A step that already waits (same job, same dedupe key) is not added again.
 * Returns how many were added. Throws InvalidInputError before anything is written.
 */
export async function enqueue(db: QueueDb, ...steps: Step[]): Promise<number> {
  if (steps.length === 0) return 0
  const rows = JSON.stringify(steps.map(toRow))
  const { rows: added } = await sql<{ count: number }>`
    with added as (
      insert into outbox (job, queue, input, dedupe_key, priority, run_at)
      select job, queue, input, dedupe_key, priority, now() + delay_ms * interval '1 ms'
      from jsonb_to_recordset(${rows}::jsonb) as step(${rowColumns})
      on conflict (dedupe_key) where state in ('waiting', 'sent') do nothing
      returning id
    )
    select count(*)::int as count, pg_notify('outbox', '') from added`.execute(db)
  return added[0]?.count ?? 0
}

/** Checks a step and gives the row to keep. Throws InvalidInputError. */
export function toRow({ job, input, options }: Step): OutboxRow {
  const json = canonicalJson(job.name, input)
  const stored: unknown = JSON.parse(json)
  // The input is checked as it will be read: after JSON.
  const parsed = job.input.safeParse(stored)
  if (!parsed.success) throw new InvalidInputError(`input of job ${job.name}: ${z.prettifyError(parsed.error)}`)
  const { delayMs = 0, dedupeKey = json } = options
  if (!(delayMs >= 0 && delayMs < Infinity)) {
    throw new InvalidInputError(`delayMs of job ${job.name}: expected 0 or more milliseconds, got ${delayMs}`)
  }
  return {
    job: job.name,
    queue: job.queue,
    input: stored,
    dedupe_key: dedupeKey === null ? null : `${job.name} ${sha256(dedupeKey)}`,
    priority: checkPriority(job.name, options.priority ?? job.priority ?? 0),
    delay_ms: delayMs,
  }
}

export function checkPriority(job: string, priority: number): number {
  if (Number.isInteger(priority) && priority >= 0 && priority <= highestPriority) return priority
  throw new InvalidInputError(`priority of job ${job}: expected a whole number 0–${highestPriority}, got ${priority}`)
}

/** JSON with sorted keys, so that equal inputs have equal text. Throws for what `jsonb` refuses. */
function canonicalJson(job: string, input: unknown): string {
  const json = JSON.stringify(input, (_key, value: unknown) => {
    if (typeof value === 'string' && !isStorable(value)) {
      throw new InvalidInputError(`input of job ${job}: a text holds U+0000 or half a surrogate pair`)
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  }) as string | undefined
  if (json === undefined) throw new InvalidInputError(`input of job ${job}: expected JSON, got ${typeof input}`)
  return json
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** Text from outside as PostgreSQL can store it. */
export function toStorable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '�')
}

// An index entry holds at most 2,704 bytes, an input may be longer.
function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
