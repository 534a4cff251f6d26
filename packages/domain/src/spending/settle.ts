import type { CallOutcome, PlannedCall, Usage } from '@dayshift/llm'
import type { Db } from '@dayshift/storage'
import { type RawBuilder, sql } from 'kysely'

export interface Settlement {
  id: string
  outcome: CallOutcome
}

/** Ends calls by what their process says. Those that have ended before stay as they are; of two for one call the first counts. */
export async function settle(db: Db, settlements: Settlement[]): Promise<void> {
  const endings = new Map<string, Ending>()
  for (const { id, outcome } of settlements) if (!endings.has(id)) endings.set(id, endingOf(id, outcome))
  // A process that was only slow may be taken for dead: it has said nothing yet, and knows best.
  const when = sql`c.state = 'open' or c.state = 'unsure' and c.result is null`
  await endCalls(db, [...endings.values()], when, 'ledger_settle')
}

const endingOf = (id: string, { result, usage, costUsd, tookMs, firstPieceMs }: CallOutcome): Ending => ({
  id,
  result,
  ...(usage === 'unknown' ? { state: 'unsure', costUsd: null } : { state: 'settled', usage, costUsd }),
  tookMs: Math.round(tookMs),
  firstPieceMs: round(firstPieceMs),
})

/** Ends a call by the vendor's own log; false when it has ended before. `result` says so where no process did. */
export async function settleFromLog(
  db: Db,
  id: string,
  { usage, costUsd, result }: { usage: Usage; costUsd: number | null; result: string },
): Promise<boolean> {
  return (await endCalls(db, [{ id, state: 'settled', usage, costUsd, result }], sql`c.state = 'unsure'`)) > 0
}

interface Ending {
  id: string
  state: 'settled' | 'unsure'
  result: string
  usage?: Usage
  costUsd: number | null
  tookMs?: number
  firstPieceMs?: number | null
}

/**
 * One statement: whoever finds a call unsettled moves its worst case from the reserved money of the periods in which it
 * was set aside to their spent money, as what it cost. Where that is not known, the worst case counts as spent.
 * Returns how many were found so.
 */
async function endCalls(db: Db, endings: Ending[], when: RawBuilder<unknown>, name?: string): Promise<number> {
  const json = JSON.stringify(endings.map(toRow))
  // One call is found by its index for certain, so its plan may be kept; how to find many depends on how many there are.
  const isOne = endings.length === 1
  const mark = isOne && name ? `/* prepared: ${name} */` : ''
  const { rows } = await sql`${sql.raw(mark)}
    with ending as materialized (
      select * from ${isOne ? sql`json_to_record(${json}::json -> 0)` : sql`json_to_recordset(${json}::json)`} as e (
        id text, state text, result text, "costUsd" numeric, "tookMs" int, "firstPieceMs" int, "inputTokens" int,
        "outputTokens" int, "cacheReadTokens" int, "cacheWriteTokens" int, "cacheWrite1hTokens" int
      )
      order by id
    ), ended as (
      update model_call as c set state = e.state, result = coalesce(c.result, e.result), cost_usd = "costUsd",
        took_ms = coalesce("tookMs", took_ms), first_piece_ms = coalesce("firstPieceMs", first_piece_ms),
        input_tokens = "inputTokens", output_tokens = "outputTokens", cache_read_tokens = "cacheReadTokens",
        cache_write_tokens = "cacheWriteTokens", cache_write_1h_tokens = "cacheWrite1hTokens",
        settled_at = case when e.state = 'settled' then now() end
      from ending as e where c.id = e.id and (${when})
      returning c.state, coalesce(worst_case_usd, 0) as worst_usd, coalesce(cost_usd, worst_case_usd, 0) as usd, period_ids
    ), summed as materialized (
      select period_id, sum(worst_usd) as worst_usd, sum(usd) as usd
      from ended, unnest(period_ids) as period_id where state = 'settled' group by period_id
    ), held as materialized (
      select p.id, worst_usd, usd from budget_period as p join summed on p.id = period_id
      order by p.id
      for no key update of p
    ), moved as (
      update budget_period as p set reserved_usd = reserved_usd - worst_usd, spent_usd = spent_usd + usd
      from held where held.id = p.id
    )
    select 1 from ended`.execute(db)
  return rows.length
}

const toRow = ({ usage, costUsd, ...ending }: Ending) => ({
  ...ending,
  ...usage,
  // As text, so that what is no number is refused and not taken for unknown.
  costUsd: costUsd === null ? null : String(costUsd),
})

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
