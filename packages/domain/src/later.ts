import { LlmError, LlmOverBudget, LlmResting } from '@dayshift/llm'
import { RetryLater } from '@dayshift/queue'

const LATER_MS = 60_000
// A limit may be raised before the budget begins anew.
const LATEST_MS = 3_600_000

/** For jobs that ask a model: a budget begins anew and a vendor comes back, neither is a reason to give up. */
export async function orLater<Result>(work: Promise<Result>, now: () => Date): Promise<Result> {
  try {
    return await work
  } catch (error) {
    throw later(error, now())
  }
}

function later(error: unknown, now: Date): unknown {
  if (!(error instanceof LlmError)) return error
  if (error instanceof LlmOverBudget) {
    const resetMs = error.budget.resetsAt.getTime() - now.getTime()
    return new RetryLater(error.message, Math.min(Math.max(resetMs, LATER_MS), LATEST_MS))
  }
  if (error.retryable || error.retryAfterMs !== undefined || error instanceof LlmResting)
    return new RetryLater(error.message, error.retryAfterMs ?? LATER_MS)
  return error
}
