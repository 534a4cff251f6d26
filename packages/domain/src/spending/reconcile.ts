import type { Log } from '@dayshift/domain/context'
import type { PlannedCall, Usage } from '@dayshift/llm'
import type { Db } from '@dayshift/storage'
import { settleFromLog } from './settle.ts'

/** One request in the vendor's own log. */
export interface LogRecord {
  /** The id that we sent with it. */
  callId: string
  usage: Usage
  modelId: string
  timestamp: Date
}

/** A call whose cost only the vendor knows. */
export type UnsureCall = Pick<PlannedCall, 'id' | 'provider' | 'model' | 'scope' | 'tier' | 'startedAt' | 'dueAt'>

export interface VendorLog {
  /** The calls that `records` was made for; every unsure one when absent. */
  calls?: UnsureCall[]
  records: AsyncIterable<LogRecord> | Iterable<LogRecord>
  /** All that was begun and over before this is in `records`. */
  completeUntil: Date
  /** Whether the vendor kept its log at that time, so that silence means that nothing was billed. */
  wasKept: (at: Date) => boolean
  /** What the vendor bills for so much; null when the price is not known. */
  priceOf: (call: UnsureCall, usage: Usage) => number | null
  /** A call without a record is given so long for one to come: 24 hours when absent. */
  graceMs?: number
}

/** Calls whose process must have settled them and did not: it died, and what they cost is not known. Returns how many. */
export async function expireOverdue(db: Db, now: Date): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('model_call')
    .set({ state: 'unsure' })
    .where('id', 'in', (eb) =>
      // One that is being settled is left out, so that two statements for many calls never wait for each other in a circle.
      eb
        .selectFrom('model_call')
        .select('id')
        .where('state', '=', 'open')
        .where('due_at', '<', now)
        .forUpdate()
        .skipLocked(),
    )
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Items of a batch are left out: the log does not name them, and the batch itself says what they cost. */
export async function listUnsure(db: Db, since: Date): Promise<UnsureCall[]> {
  const rows = await db
    .selectFrom('model_call')
    .select(['id', 'provider', 'model', 'scope', 'tier', 'started_at as startedAt', 'due_at as dueAt'])
    .where('state', '=', 'unsure')
    .where('operation', '<>', 'batch')
    .where('started_at', '>=', since)
    .orderBy('started_at')
    .execute()
  return rows as UnsureCall[]
}

/**
 * Settles calls by what the vendor's log says: the sum of all records with a call's id, or nothing when there is none
 * after the time of grace and the log was kept. Repeating it, or running it twice at once, settles nothing twice.
 */
export async function reconcile(
  { db, log }: { db: Db; log?: Pick<Log, 'warn'> },
  { calls, records, completeUntil, wasKept, priceOf, graceMs = 24 * 3_600_000 }: VendorLog,
): Promise<{ settled: number; notBilled: number; unsure: number }> {
  const unsure = calls ?? (await listUnsure(db, new Date(0)))
  const usages = new Map<string, Usage>()
  const ids = new Set(unsure.map(({ id }) => id))
  for await (const { callId, usage } of records) {
    if (ids.has(callId)) usages.set(callId, addUsage(usages.get(callId), usage))
  }
  const counts = { settled: 0, notBilled: 0, unsure: 0 }
  for (const call of unsure) {
    const usage = usages.get(call.id)
    const isSilent = call.startedAt.getTime() + graceMs <= completeUntil.getTime() && wasKept(call.startedAt)
    if (call.dueAt > completeUntil || (usage === undefined && !isSilent)) counts.unsure += 1
    else if (usage === undefined) {
      const ended = await settleFromLog(db, call.id, { usage: addUsage(), costUsd: 0, result: 'not-billed' })
      if (ended) counts.notBilled += 1
    } else {
      const costUsd = priceOf(call, usage)
      if (costUsd === null) log?.warn({ callId: call.id, model: call.model }, 'the price of a billed call is not known')
      if (await settleFromLog(db, call.id, { usage, costUsd, result: 'lost' })) counts.settled += 1
    }
  }
  return counts
}

const nothing: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }

function addUsage(a: Usage = nothing, b: Usage = nothing): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    cacheWrite1hTokens: (a.cacheWrite1hTokens ?? 0) + (b.cacheWrite1hTokens ?? 0),
  }
}
