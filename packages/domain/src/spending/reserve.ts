import { LlmOverBudget, type PlannedCall } from '@dayshift/llm'
import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import { type Budget, nameOf, periodsAt, resetOf } from './budget.ts'
import { openPeriods } from './periods.ts'

type Found = Pick<Budget, 'what' | 'subject' | 'period'> & {
  limitUsd: string
  /** Null when the period has no row yet. */
  usedUsd: string | null
  fits: boolean | null
}

/** A period that is not there is opened and a budget may go meanwhile: more rounds than this do not happen. */
const MOST_ROUNDS = 5

/**
 * Enters a call before it is sent and sets its worst case aside in every budget that it falls under, or changes nothing.
 * A call of unknown price sets nothing aside and passes while there is anything left.
 * @throws LlmOverBudget with the first budget that has too little left.
 */
export async function reserve(db: Db, call: PlannedCall): Promise<void> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const budgets = await tryReserve(db, [call])
    const over = budgets.find(({ fits }) => fits === false)
    if (over) throw overBudget(over, call)
    if (budgets.every(({ fits }) => fits === true)) return
    await openPeriods(db, call.startedAt)
  }
  throw new Error(`The budgets of the call ${call.id} were not found open in ${MOST_ROUNDS} rounds.`)
}

/** The same for many; false, and nothing is changed, unless all of them fit in open periods. */
export async function reserveAll(db: Db, calls: PlannedCall[]): Promise<boolean> {
  const budgets = await tryReserve(db, calls)
  return budgets.every(({ fits }) => fits === true)
}

/**
 * One statement. It locks the periods in the order of their ids, as settling does, so that two never wait for each other in
 * a circle; what it compares with the limits is what stands there once the lock is had.
 */
async function tryReserve(db: Db, calls: PlannedCall[]): Promise<Found[]> {
  const { rows } = await sql<Found>`/* prepared: ledger_reserve */
    with call as materialized (
      select * from json_to_recordset(${JSON.stringify(calls.map(toRow))}::json) as c (
        id text, "requestId" text, attempt int, operation text, feature text, "accountId" text, provider text, model text,
        scope text, tier text, "promptVersion" text, "startedAt" timestamptz, "dueAt" timestamptz, "worstCaseUsd" numeric,
        day date, month date
      )
    ), wanted as materialized (
      select c.id as call_id, "worstCaseUsd" as worst_usd, b.id as budget_id, what, subject, period, limit_usd,
        case period when 'day' then day else month end as starts_on
      from call as c join budget as b
        on what = 'all' or what = 'feature' and subject = feature or what = 'account' and subject = "accountId"
    ), needed as materialized (
      select budget_id, starts_on, what, subject, period, limit_usd,
        coalesce(sum(worst_usd), 0) as worst_usd, bool_or(worst_usd is null) as any_unknown
      from wanted group by budget_id, starts_on, what, subject, period, limit_usd
    ), held as materialized (
      select p.id, p.budget_id, p.starts_on, n.worst_usd, p.spent_usd + p.reserved_usd as used_usd
      from budget_period as p join needed as n on n.budget_id = p.budget_id and n.starts_on = p.starts_on
      order by p.id
      for no key update of p
    ), compared as materialized (
      select n.*, used_usd, used_usd + n.worst_usd <= limit_usd and (not any_unknown or used_usd < limit_usd) as fits
      from needed as n left join held using (budget_id, starts_on)
    ), entered as (
      insert into model_call (
        id, request_id, attempt, operation, feature, account_id, provider, model, scope, tier, prompt_version,
        started_at, due_at, free, worst_case_usd, state, period_ids
      )
      select id, "requestId", attempt, operation, feature, "accountId"::uuid, provider, model, scope, tier, "promptVersion",
        "startedAt", "dueAt", false, "worstCaseUsd", 'open',
        array(select h.id from held as h join wanted using (budget_id, starts_on) where call_id = call.id order by h.id)
      from call where not exists (select from compared where fits is not true)
      returning id
    ), raised as (
      update budget_period as p set reserved_usd = p.reserved_usd + worst_usd
      from held where p.id = held.id and worst_usd > 0 and exists (select from entered)
    )
    select what, subject, period, limit_usd as "limitUsd", used_usd as "usedUsd", fits
    from compared order by what = 'all' desc, what = 'feature' desc, period`.execute(db)
  return rows
}

/** Money is text, so that what is no number is refused and not taken for unknown. */
const toRow = (call: PlannedCall) => ({
  ...call,
  ...periodsAt(call.startedAt),
  worstCaseUsd: call.worstCaseUsd === null ? null : String(call.worstCaseUsd),
})

function overBudget({ limitUsd, usedUsd, ...found }: Found, { startedAt, worstCaseUsd }: PlannedCall): LlmOverBudget {
  return new LlmOverBudget({
    name: nameOf(found),
    limitUsd: Number(limitUsd),
    usedUsd: Number(usedUsd),
    neededUsd: worstCaseUsd ?? 0,
    resetsAt: resetOf(found.period, startedAt),
  })
}
