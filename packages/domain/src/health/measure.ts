import type { Context } from '@dayshift/domain/context'
import { openForMs, type OpeningHours } from '@dayshift/domain/sources'
import { listBudgets } from '@dayshift/domain/spending'
import { sql } from 'kysely'

/** What the whole of the processes has done and has yet to do, as the database knows it. */
export interface Measures {
  /** Jobs whose time has come and that no process runs yet; more than 10,000 in either state count as 10,000. */
  backlog: number
  /** Since the time of the longest due one of these had come; 0 when there is none. */
  oldestDueS: number
  /** Jobs that were given up and wait for somebody to look at them. */
  deadJobs: number
  /** While sources ought to be checked, and none was: since the last check, but at most since the hours began. */
  sourceCheckAgeS: number
  /** Calls of the present UTC day; such as are under way, or whose bill is not known, at their worst case. */
  modelCostTodayUsd: number
  /** Of the budget that is used up most: spent and set aside, as a share of its limit. 0 without budgets. */
  budgetUsedRatio: number
}

const MOST_COUNTED = 10_000

/** Two statements that stay cheap however much there is: they are asked each minute by every worker. */
export async function measure(
  context: Pick<Context, 'db' | 'clock'>,
  { hours }: { hours?: OpeningHours | undefined } = {},
): Promise<Measures> {
  const now = context.clock()
  const day = `${now.toISOString().slice(0, 10)}T00:00:00Z`
  const [{ rows }, budgets] = await Promise.all([
    // The first by id are the oldest: an index has them in this order.
    sql<{
      backlog: number
      oldestDueS: number | null
      deadJobs: number
      checkedAt: Date | null
      modelCostTodayUsd: number
    }>`
      with waiting as (
        select run_at from outbox where state = 'waiting' and run_at <= now() order by id limit ${MOST_COUNTED}
      ), sent as (
        select run_at from outbox where state in ('sent', 'running') and state = 'sent' order by sent_at limit ${MOST_COUNTED}
      ), due as (
        select count(*)::int as backlog, extract(epoch from now() - min(run_at))::float8 as oldest
        from (select run_at from waiting union all select run_at from sent) as queued
      )
      select due.backlog, due.oldest as "oldestDueS",
        (select count(*)::int from outbox where state = 'dead') as "deadJobs",
        (select max(coalesce(last_checked_at, created_at)) from source where active) as "checkedAt",
        (select coalesce(sum(coalesce(cost_usd, case when state <> 'settled' then worst_case_usd end)), 0)::float8
          from model_call where started_at >= ${day}::timestamptz and not free) as "modelCostTodayUsd"
      from due`.execute(context.db),
    listBudgets(context),
  ])
  const [row] = rows
  if (!row) throw new Error('A count without a row: this is not PostgreSQL.')
  const { checkedAt, oldestDueS, ...counts } = row
  return {
    ...counts,
    oldestDueS: Math.max(0, oldestDueS ?? 0),
    sourceCheckAgeS: checkAgeS(checkedAt, now, hours),
    budgetUsedRatio: Math.max(0, ...budgets.map(usedRatio)),
  }
}

function checkAgeS(checkedAt: Date | null, now: Date, hours: OpeningHours | undefined): number {
  if (checkedAt === null) return 0
  const ageMs = Math.max(0, now.getTime() - checkedAt.getTime())
  const openMs = hours === undefined ? Infinity : (openForMs(hours, now) ?? 0)
  return Math.min(ageMs, openMs) / 1000
}

/** A limit of nothing is used up from the first cent. */
function usedRatio({ limitUsd, spentUsd, reservedUsd }: { limitUsd: number; spentUsd: number; reservedUsd: number }) {
  const usedUsd = spentUsd + reservedUsd
  if (limitUsd === 0) return usedUsd > 0 ? 1 : 0
  return usedUsd / limitUsd
}
