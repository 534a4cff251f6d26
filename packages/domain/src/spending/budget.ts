import { z } from 'zod'

const NewBudgetOf = <What extends 'all' | 'feature' | 'account', Subject extends z.ZodType>(
  what: What,
  subject: Subject,
) =>
  z.strictObject({
    what: z.literal(what),
    subject,
    period: z.enum(['day', 'month']),
    limitUsd: z.number().min(0).max(1_000_000),
  })

/** What may be spent in a day or a month (UTC): by all, by one feature such as `article.summary`, or for one account. */
export const NewBudget = z.discriminatedUnion('what', [
  NewBudgetOf('all', z.null().default(null)),
  NewBudgetOf('feature', z.string().trim().min(1).max(100)),
  NewBudgetOf('account', z.uuid().toLowerCase()),
])
export type NewBudget = z.output<typeof NewBudget>

export const BudgetId = z.uuid()

/** A budget and where it stands in the period under way. */
export const Budget = z.object({
  id: BudgetId,
  what: z.enum(['all', 'feature', 'account']),
  subject: z.string().nullable(),
  period: z.enum(['day', 'month']),
  limitUsd: z.number(),
  /** Set by the operator's environment, not to be changed here. */
  fromEnvironment: z.boolean(),
  spentUsd: z.number(),
  /** The worst cases of calls whose cost is not known yet. */
  reservedUsd: z.number(),
  /** Below 0 when calls cost more than was thought. */
  leftUsd: z.number(),
  resetsAt: z.date(),
})
export type Budget = z.output<typeof Budget>

type Period = Budget['period']

/** The day and the month of UTC that hold `at`, by their first days: `2026-11-21`, `2026-11-01`. */
export function periodsAt(at: Date): Record<Period, string> {
  const day = at.toISOString().slice(0, 10)
  return { day, month: `${day.slice(0, 7)}-01` }
}

/** When the day or month of UTC that holds `at` is over. */
export function resetOf(period: Period, at: Date): Date {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  return new Date(period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1))
}

/** Such as `all, per day` or `feature article.summary, per month`. */
export const nameOf = ({ what, subject, period }: Pick<Budget, 'what' | 'subject' | 'period'>): string =>
  `${what}${subject === null ? '' : ` ${subject}`}, per ${period}`
