import type { CallOutcome, PlannedCall, Usage } from '@dayshift/llm'
import type { Db } from '@dayshift/storage'
import { type RawBuilder, sql } from 'kysely'

/** Ends a call by what its process says; false when it has ended before. */
export function settle(db: Db, id: string, outcome: CallOutcome): Promise<boolean> {
  const { result, costUsd } = outcome
  return endCall(db, {
    // A process that was only slow may be taken for dead: it has said nothing yet, and knows best.
    when: sql`id = ${id} and (state = 'open' or state = 'unsure' and result is null)`,
    state: outcome.usage === 'unknown' ? 'unsure' : 'settled',
    usage: outcome.usage === 'unknown' ? undefined : outcome.usage,
    costUsd: outcome.usage === 'unknown' ? null : costUsd,
    also: sql`result = ${result}, took_ms = ${Math.round(outcome.tookMs)}, first_piece_ms = ${round(outcome.firstPieceMs)}`,
  })
}

/** Ends a call by the vendor's own log; false when it has ended before. `result` says so where no process did. */
export function settleFromLog(
  db: Db,
  id: string,
  { usage, costUsd, result }: { usage: Usage; costUsd: number | null; result: string },
): Promise<boolean> {
  return endCall(db, {
    when: sql`id = ${id} and state = 'unsure'`,
    state: 'settled',
    usage,
    costUsd,
    also: sql`result = coalesce(result, ${result})`,
  })
}

interface Ending {
  when: RawBuilder<unknown>
  state: 'settled' | 'unsure'
  usage: Usage | undefined
  costUsd: number | null
  also: RawBuilder<unknown>
}

/**
 * One statement: whoever finds the call unsettled moves its worst case from the reserved money of the periods in which it
 * was set aside to their spent money, as what it cost. Where that is not known, the worst case counts as spent.
 */
async function endCall(db: Db, { when, state, usage, costUsd, also }: Ending): Promise<boolean> {
  const { rows } = await sql`
    with ended as (
      update model_call set state = ${state}, cost_usd = ${costUsd}::numeric, ${also}, ${setUsage(usage)},
        settled_at = case when ${state} = 'settled' then now() end
      where ${when}
      returning state, coalesce(worst_case_usd, 0) as worst_usd, coalesce(cost_usd, worst_case_usd, 0) as usd, period_ids
    ), held as materialized (
      select p.id, worst_usd, usd from budget_period as p join ended on p.id = any(period_ids)
      where state = 'settled'
      order by p.id
      for no key update of p
    ), moved as (
      update budget_period as p set reserved_usd = reserved_usd - worst_usd, spent_usd = spent_usd + usd
      from held where held.id = p.id
    )
    select 1 from ended`.execute(db)
  return rows.length > 0
}

const setUsage = (usage: Usage | undefined) =>
  sql`input_tokens = ${usage?.inputTokens ?? null}, output_tokens = ${usage?.outputTokens ?? null},
    cache_read_tokens = ${usage?.cacheReadTokens ?? null}, cache_write_tokens = ${usage?.cacheWriteTokens ?? null},
    cache_write_1h_tokens = ${usage?.cacheWrite1hTokens ?? null}`

/** Enters a call that is free and over. */
export async function record(db: Db, call: PlannedCall, outcome: CallOutcome): Promise<void> {
  const usage = outcome.usage === 'unknown' ? undefined : outcome.usage
  await db
    .insertInto('model_call')
    .values({
      id: call.id,
      request_id: call.requestId,
      attempt: call.attempt,
      operation: call.operation,
      feature: call.feature,
      account_id: call.accountId,
      provider: call.provider,
      model: call.model,
      scope: call.scope,
      tier: call.tier,
      prompt_version: call.promptVersion,
      started_at: call.startedAt,
      due_at: call.dueAt,
      free: true,
      worst_case_usd: 0,
      state: 'settled',
      result: outcome.result,
      cost_usd: 0,
      input_tokens: usage?.inputTokens ?? null,
      output_tokens: usage?.outputTokens ?? null,
      cache_read_tokens: usage?.cacheReadTokens ?? null,
      cache_write_tokens: usage?.cacheWriteTokens ?? null,
      cache_write_1h_tokens: usage?.cacheWrite1hTokens ?? null,
      took_ms: Math.round(outcome.tookMs),
      first_piece_ms: round(outcome.firstPieceMs),
      settled_at: sql<Date>`now()`,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

const round = (ms: number | null): number | null => (ms === null ? null : Math.round(ms))
