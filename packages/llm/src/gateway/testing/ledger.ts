import { LlmOverBudget } from '../../errors.ts'
import type { CallOutcome, Ledger, PlannedCall } from '../ledger.ts'

export interface Books extends Ledger {
  entries: (PlannedCall & { outcome?: CallOutcome; recorded?: true })[]
  /** Models that no budget allows. */
  forbidden: Set<string>
}

/** A ledger in memory that refuses a second entry or a second outcome. */
export function books(): Books {
  const entries: Books['entries'] = []
  const forbidden = new Set<string>()
  const settle = (id: string, outcome: CallOutcome): void => {
    const entry = entries.find((entry) => entry.id === id)
    if (!entry || entry.outcome) throw new Error(`There is no open entry ${id}.`)
    entry.outcome = outcome
  }
  return {
    entries,
    forbidden,
    reserve: async (call) => {
      if (forbidden.has(call.model)) {
        const resetsAt = new Date('2026-11-22T00:00:00Z')
        throw new LlmOverBudget({ name: 'all, per day', limitUsd: 1, usedUsd: 1, neededUsd: 0.1, resetsAt })
      }
      entries.push(call)
    },
    settle: async (id, outcome) => settle(id, outcome),
    record: async (call, outcome) => {
      entries.push({ ...call, recorded: true })
      settle(call.id, outcome)
    },
  }
}
