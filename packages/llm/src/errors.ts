import type { Answer, Usage } from './llm.ts'

/** What the vendor may bill for an attempt that failed: nothing, something unknown, or exactly this. */
export type SpentOnFailure = 'nothing' | 'unknown' | Usage

interface Details {
  cause?: unknown
  retryable?: boolean
  /** The vendor's wish, in milliseconds. */
  retryAfterMs?: number | undefined
  spent?: SpentOnFailure
}

/** Anything that a model call can end with except the caller's own cancelling. The vendor's words are in the message. */
export abstract class LlmError extends Error {
  /** The same call may succeed later. */
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly spent: SpentOnFailure
  constructor(message: string, standard: { retryable: boolean; spent: SpentOnFailure }, details: Details) {
    super(message, 'cause' in details ? { cause: details.cause } : {})
    this.retryable = details.retryable ?? standard.retryable
    this.retryAfterMs = details.retryAfterMs
    this.spent = details.spent ?? standard.spent
  }
}

/** Over the vendor's rate or quota, or over our own limit for the model. */
export class LlmThrottled extends LlmError {
  override name = 'LlmThrottled'
  constructor(message: string, details: Details = {}) {
    super(message, { retryable: true, spent: 'nothing' }, details)
  }
}

/** The vendor failed or could not be reached. An answer that says so is not billed; a broken connection may be. */
export class LlmUnavailable extends LlmError {
  override name = 'LlmUnavailable'
  constructor(message: string, details: Details = {}) {
    super(message, { retryable: true, spent: 'nothing' }, details)
  }
}

/** The request itself is wrong for this model. */
export class LlmRefusedRequest extends LlmError {
  override name = 'LlmRefusedRequest'
  constructor(message: string, details: Details = {}) {
    super(message, { retryable: false, spent: 'nothing' }, details)
  }
}

/** Credentials are missing, expired or may not use this model. */
export class LlmNotAllowed extends LlmError {
  override name = 'LlmNotAllowed'
  constructor(message: string, details: Details = {}) {
    super(message, { retryable: false, spent: 'nothing' }, details)
  }
}

/** No such model here, or no longer. */
export class LlmModelNotFound extends LlmError {
  override name = 'LlmModelNotFound'
  constructor(message: string, details: Details = {}) {
    super(message, { retryable: false, spent: 'nothing' }, details)
  }
}

/** The stream ended before the model said that it had finished. */
export class LlmTruncatedStream extends LlmError {
  override name = 'LlmTruncatedStream'
  constructor(message: string, details: Details = {}) {
    super(message, { retryable: true, spent: 'unknown' }, details)
  }
}

/** Nothing came within the time allowed. */
export class LlmTimeout extends LlmError {
  override name = 'LlmTimeout'
  constructor(message: string, details: Details = {}) {
    super(message, { retryable: true, spent: 'unknown' }, details)
  }
}

/** The model answered, and was paid, but not with what was asked for; `answer` is what it gave, when that much is known. */
export class LlmAnswerInvalid extends LlmError {
  override name = 'LlmAnswerInvalid'
  readonly answer: Answer | undefined
  constructor(message: string, details: Details & { answer?: Answer } = {}) {
    super(message, { retryable: false, spent: details.answer?.usage ?? 'unknown' }, details)
    this.answer = details.answer
  }
}

/** The model failed so often lately that it is left alone for a while. */
export class LlmResting extends LlmError {
  override name = 'LlmResting'
  constructor(message: string, details: Details = {}) {
    super(message, { retryable: false, spent: 'nothing' }, details)
  }
}

/** Its worst case would not fit into a budget. */
export class LlmOverBudget extends LlmError {
  override name = 'LlmOverBudget'
  readonly budget: BudgetState
  constructor(budget: BudgetState) {
    const { name, limitUsd, usedUsd, neededUsd, resetsAt } = budget
    super(
      `The budget "${name}" of $${limitUsd} would be exceeded: $${usedUsd.toFixed(4)} is spent or set aside, ` +
        `$${neededUsd.toFixed(4)} is needed. It begins anew on ${resetsAt.toISOString()}.`,
      { retryable: false, spent: 'nothing' },
      {},
    )
    this.budget = budget
  }
}

export interface BudgetState {
  /** Such as `all, per day` or `feature article.summary, per month`. */
  name: string
  limitUsd: number
  /** Spent and set aside in this period. */
  usedUsd: number
  neededUsd: number
  resetsAt: Date
}

/** The catalogue does not know what the call would cost, and the operator wants to know. */
export class LlmPriceUnknown extends LlmError {
  override name = 'LlmPriceUnknown'
  constructor(message: string) {
    super(message, { retryable: false, spent: 'nothing' }, {})
  }
}
