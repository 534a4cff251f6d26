/** Why policy forbids an exchange. Asking again gives the same answer. */
export type RefusalCode =
  | 'not-a-url'
  | 'scheme'
  | 'credentials'
  | 'port'
  | 'address'
  | 'name'
  | 'no-address'
  | 'redirects'
  | 'encoding'
  | 'header'

/** Why an allowed exchange came to nothing: the network, the other side, or a cap. */
export type FailureCode =
  | 'timeout'
  | 'too-big'
  | 'ratio'
  | 'headers-too-big'
  | 'reset'
  | 'tls'
  | 'dns'
  | 'connect'
  | 'length-mismatch'
  | 'decode'
  | 'protocol'
  | 'closed'

const retryableFailures = new Set<FailureCode>(['timeout', 'reset', 'dns', 'connect', 'length-mismatch', 'closed'])

/** Everything that the guarded client throws, except the reason of the caller's own AbortSignal. */
export abstract class OutboundError extends Error {
  abstract readonly code: RefusalCode | FailureCode
  /** True when the same request may pass later without anyone changing anything. */
  abstract readonly retryable: boolean
}

/** Policy forbids it; nothing was sent to the place in question. */
export class OutboundRefused extends OutboundError {
  override readonly name = 'OutboundRefused'
  readonly code: RefusalCode
  readonly retryable = false

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The exchange was allowed and failed. */
export class OutboundFailed extends OutboundError {
  override readonly name = 'OutboundFailed'
  readonly code: FailureCode
  readonly retryable: boolean

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retryable = retryableFailures.has(code)
  }
}

const maxQuotedChars = 120

/** Foreign text for a one-line message: escaped, shortened, and without a password. */
export function quote(text: string): string {
  const safe = text.replace(/\/\/[^/\s]*@/, '//***@')
  return JSON.stringify(safe.length > maxQuotedChars ? `${safe.slice(0, maxQuotedChars)}…` : safe)
}
