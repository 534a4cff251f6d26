import { type Db, inTransaction } from '@dayshift/storage'
import { sql } from 'kysely'
import { periodsAt } from './budget.ts'

/**
 * Makes the rows of every budget for the day and the month of `at`, with what was spent and set aside in them so far: a
 * budget that is made in the middle of a month counts all of that month. Does nothing where they are there.
 */
export function openPeriods(db: Db, at: Date): Promise<void> {
  const { day, month } = periodsAt(at)
  return inTransaction(db, async (tx) => {
    // No call begins or ends between the counting and the first change that finds the new row.
    await sql`lock table model_call in share row exclusive mode`.execute(tx)
    await sql`
      with missing as materialized (
        select id, what, subject, starts_on, starts_on::timestamp at time zone 'UTC' as since,
          (starts_on + case period when 'day' then interval '1 day' else interval '1 month' end) at time zone 'UTC' as until
        from budget, lateral (select case period when 'day' then ${day}::date else ${month}::date end as starts_on) as p
        where not exists (select from budget_period as b where b.budget_id = budget.id and b.starts_on = p.starts_on)
      ), counted as materialized (
        select m.id as budget_id, m.starts_on, c.id as call_id, c.state,
          coalesce(c.cost_usd, c.worst_case_usd, 0) as usd
        from missing as m join model_call as c on c.started_at >= m.since and c.started_at < m.until and not c.free
        where m.what = 'all' or m.what = 'feature' and m.subject = c.feature
          or m.what = 'account' and m.subject = c.account_id::text
      ), opened as (
        insert into budget_period (budget_id, starts_on, spent_usd, reserved_usd)
        select m.id, m.starts_on, coalesce(sum(usd) filter (where state = 'settled'), 0),
          coalesce(sum(usd) filter (where state <> 'settled'), 0)
        from missing as m left join counted as c on c.budget_id = m.id
        group by m.id, m.starts_on
        returning id, budget_id
      ), unsettled as (
        select call_id, array_agg(opened.id order by opened.id) as ids
        from counted join opened using (budget_id) where state <> 'settled' group by call_id
      )
      update model_call as c set period_ids = period_ids || ids from unsettled where c.id = call_id`.execute(tx)
  })
}
