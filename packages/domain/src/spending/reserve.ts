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
    const budgets = await tryReserve(db, call)
    const over = budgets.find(({ fits }) => fits === false)
    if (over) throw overBudget(over, call)
    if (budgets.every(({ fits }) => fits === true)) return
    await openPeriods(db, call.startedAt)
  }
  throw new Error(`The budgets of the call ${call.id} were not found open in ${MOST_ROUNDS} rounds.`)
}

/**
 * One statement. It locks the periods in the order of their ids, as settling does, so that two calls never wait for each
 * other in a circle; what it compares with the limits is what stands there once the lock is had.
 */
async function tryReserve(db: Db, call: PlannedCall): Promise<Found[]> {
  const { day, month } = periodsAt(call.startedAt)
  const { worstCaseUsd: worst } = call
  const { rows } = await sql<Found>`
    with wanted as materialized (
      select id, what, subject, period, limit_usd,
        case period when 'day' then ${day}::date else ${month}::date end as starts_on
      from budget
      where what = 'all' or what = 'feature' and subject = ${call.feature}
        or what = 'account' and subject = ${call.accountId}
    ), held as materialized (
      select p.id, p.budget_id, p.spent_usd + p.reserved_usd as used_usd
      from budget_period as p join wanted as w on w.id = p.budget_id and w.starts_on = p.starts_on
      order by p.id
      for no key update of p
    ), compared as materialized (
      select w.*, h.id as period_id, h.used_usd, h.used_usd + coalesce(${worst}::numeric, 0) <= w.limit_usd
        and (${worst}::numeric is not null or h.used_usd < w.limit_usd) as fits
      from wanted as w left join held as h on h.budget_id = w.id
    ), entered as (
      insert into model_call (
        id, request_id, attempt, operation, feature, account_id, provider, model, scope, tier, prompt_version,
        started_at, due_at, free, worst_case_usd, state, period_ids
      )
      select ${call.id}, ${call.requestId}, ${call.attempt}, ${call.operation}, ${call.feature},
        ${call.accountId}::uuid, ${call.provider}, ${call.model}, ${call.scope}, ${call.tier}, ${call.promptVersion},
        ${call.startedAt}::timestamptz, ${call.dueAt}::timestamptz, false, ${worst}::numeric, 'open',
        array(select id from held order by id)
      where not exists (select from compared where fits is not true)
      returning worst_case_usd, period_ids
    ), raised as (
      update budget_period as p set reserved_usd = p.reserved_usd + e.worst_case_usd
      from held as h, entered as e
      where p.id = h.id and e.worst_case_usd > 0
    )
    select what, subject, period, limit_usd as "limitUsd", used_usd as "usedUsd", fits
    from compared order by what = 'all' desc, what = 'feature' desc, period`.execute(db)
  return rows
}

function overBudget({ limitUsd, usedUsd, ...found }: Found, { startedAt, worstCaseUsd }: PlannedCall): LlmOverBudget {
  return new LlmOverBudget({
    name: nameOf(found),
    limitUsd: Number(limitUsd),
    usedUsd: Number(usedUsd),
    neededUsd: worstCaseUsd ?? 0,
    resetsAt: resetOf(found.period, startedAt),
  })
}
