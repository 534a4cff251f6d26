import type { Context } from '@dayshift/domain/context'
import { Conflict, NotFound } from '@dayshift/domain/errors'
import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { type Budget, type NewBudget, periodsAt, resetOf } from './budget.ts'
import { openPeriods } from './periods.ts'

type Part = Pick<Context, 'db' | 'clock'>
type Row = Pick<Budget, 'id' | 'what' | 'subject' | 'period' | 'fromEnvironment'> & {
  limitUsd: string
  spentUsd: string
  reservedUsd: string
  leftUsd: string
}

/** Every budget as it stands in the day or month under way; those for all first. */
export async function listBudgets({ db, clock }: Part): Promise<Budget[]> {
  const now = clock()
  const { day, month } = periodsAt(now)
  const { rows } = await sql<Row>`
    select b.id, what, subject, period, limit_usd as "limitUsd", from_environment as "fromEnvironment",
      coalesce(spent_usd, 0) as "spentUsd", coalesce(reserved_usd, 0) as "reservedUsd",
      limit_usd - coalesce(spent_usd + reserved_usd, 0) as "leftUsd"
    from budget as b left join budget_period as p
      on p.budget_id = b.id and p.starts_on = case period when 'day' then ${day}::date else ${month}::date end
    order by what = 'all' desc, what = 'feature' desc, subject, period, from_environment desc`.execute(db)
  return rows.map(({ limitUsd, spentUsd, reservedUsd, leftUsd, ...row }) => ({
    ...row,
    limitUsd: Number(limitUsd),
    spentUsd: Number(spentUsd),
    reservedUsd: Number(reservedUsd),
    leftUsd: Number(leftUsd),
    resetsAt: resetOf(row.period, now),
  }))
}

/** Makes a budget, or changes the limit of the one that there is for the same. It counts what was spent in its period. */
export async function setBudget(part: Part, budget: NewBudget): Promise<Budget> {
  const id = await saveBudget(part.db, budget, false)
  await openPeriods(part.db, part.clock())
  return getBudget(part, id)
}

async function getBudget(part: Part, id: string): Promise<Budget> {
  const budget = (await listBudgets(part)).find((budget) => budget.id === id)
  if (!budget) throw new NotFound('budget', id)
  return budget
}

/** @throws Conflict for a budget of the environment. */
export async function removeBudget(part: Part, id: string): Promise<void> {
  const { fromEnvironment } = await getBudget(part, id)
  if (fromEnvironment) throw new Conflict('This budget is set by the environment of the server and is changed there.')
  await part.db.deleteFrom('budget').where('id', '=', id).execute()
}

/** Makes the budgets for all that the environment names what it says, at a start; those it no longer names go. */
export async function ensureBudgets(
  { db, clock }: Part,
  { dailyUsd, monthlyUsd }: { dailyUsd?: number | undefined; monthlyUsd?: number | undefined },
): Promise<void> {
  for (const [period, limitUsd] of [['day', dailyUsd] as const, ['month', monthlyUsd] as const]) {
    if (limitUsd !== undefined) await saveBudget(db, { what: 'all', subject: null, period, limitUsd }, true)
    else await db.deleteFrom('budget').where('from_environment', '=', true).where('period', '=', period).execute()
  }
  await openPeriods(db, clock())
}

async function saveBudget(
  db: Db,
  { what, subject, period, limitUsd }: NewBudget,
  fromEnvironment: boolean,
): Promise<string> {
  const { id } = await db
    .insertInto('budget')
    .values({ id: uuidv7(), what, subject, period, limit_usd: limitUsd, from_environment: fromEnvironment })
    .onConflict((conflict) =>
      conflict.columns(['what', 'subject', 'period', 'from_environment']).doUpdateSet({ limit_usd: limitUsd }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
