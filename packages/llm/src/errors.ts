import type { Answer } from './llm.ts'

interface Details {
  cause?: unknown
  retryable?: boolean
  /** The vendor's wish, in milliseconds. */
  retryAfterMs?: number | undefined
}

/** Anything that a model call can end with except the caller's own cancelling. The vendor's words are in the message. */
export abstract class LlmError extends Error {
  /** The same call may succeed later. */
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  constructor(message: string, retryable: boolean, details: Details) {
    super(message, 'cause' in details ? { cause: details.cause } : {})
    this.retryable = details.retryable ?? retryable
    this.retryAfterMs = details.retryAfterMs
  }
}

/** Over the vendor's rate or quota. */
export class LlmThrottled extends LlmError {
  override name = 'LlmThrottled'
  constructor(message: string, details: Details = {}) {
    super(message, true, details)
  }
}

/** The vendor failed or could not be reached. */
export class LlmUnavailable extends LlmError {
  override name = 'LlmUnavailable'
  constructor(message: string, details: Details = {}) {
    super(message, true, details)
  }
}

/** The request itself is wrong for this model. */
export class LlmRefusedRequest extends LlmError {
  override name = 'LlmRefusedRequest'
  constructor(message: string, details: Details = {}) {
    super(message, false, details)
  }
}

/** Credentials are missing, expired or may not use this model. */
export class LlmNotAllowed extends LlmError {
  override name = 'LlmNotAllowed'
  constructor(message: string, details: Details = {}) {
    super(message, false, details)
  }
}

/** No such model here, or no longer. */
export class LlmModelNotFound extends LlmError {
  override name = 'LlmModelNotFound'
  constructor(message: string, details: Details = {}) {
    super(message, false, details)
  }
}

/** The stream ended before the model said that it had finished. */
export class LlmTruncatedStream extends LlmError {
  override name = 'LlmTruncatedStream'
  constructor(message: string, details: Details = {}) {
    super(message, true, details)
  }
}

/** Nothing came within the time allowed. */
export class LlmTimeout extends LlmError {
  override name = 'LlmTimeout'
  constructor(message: string, details: Details = {}) {
    super(message, true, details)
  }
}

/** The model answered, and was paid, but not with what was asked for; `answer` is what it gave, when that much is known. */
export class LlmAnswerInvalid extends LlmError {
  override name = 'LlmAnswerInvalid'
  readonly answer: Answer | undefined
  constructor(message: string, details: Details & { answer?: Answer } = {}) {
    super(message, false, details)
    this.answer = details.answer
  }
}
