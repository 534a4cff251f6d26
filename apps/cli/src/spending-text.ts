import type { Budget, SpendingBy, SpendingReport } from '@dayshift/domain/spending'
import { asUsd, printable, textTable } from './text-table.ts'

const heads = ['calls', 'failed', 'tokens in', 'out', 'cost', 'no price', 'not settled', 'at most']

/** What model calls cost, for a terminal. */
export function spendingText(by: SpendingBy, { items, total }: SpendingReport, budgets: Budget[]): string {
  const row = (name: string, sums: SpendingReport['total']): string[] => [
    printable(name),
    String(sums.calls),
    String(sums.failed),
    String(sums.inputTokens + sums.cacheReadTokens + sums.cacheWriteTokens),
    String(sums.outputTokens),
    asUsd(sums.costUsd),
    String(sums.unpriced),
    String(sums.unsettled),
    asUsd(sums.unsettledUsd),
  ]
  const spent = textTable(
    [by, ...heads],
    [...items.map(({ key, ...sums }) => row(key ?? '(none)', sums)), row('all', total)],
  )
  if (budgets.length === 0) return `${spent}\n\nThere are no budgets.`
  const limits = textTable(
    ['budget', 'limit', 'spent', 'set aside', 'left', 'begins anew (UTC)'],
    budgets.map((budget) => [
      printable(`${budget.what}${budget.subject === null ? '' : ` ${budget.subject}`}, per ${budget.period}`),
      asUsd(budget.limitUsd),
      asUsd(budget.spentUsd),
      asUsd(budget.reservedUsd),
      asUsd(budget.leftUsd),
      budget.resetsAt.toISOString().slice(0, 10),
    ]),
  )
  return `${spent}\n\n${limits}`
}
