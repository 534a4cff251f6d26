import {
  LlmAnswerInvalid,
  LlmError,
  LlmModelNotFound,
  LlmNotAllowed,
  LlmRefusedRequest,
  LlmThrottled,
  LlmTimeout,
  LlmUnavailable,
} from '../errors.ts'
import type { SpentOnFailure } from '../errors.ts'

/** What the AWS SDK throws, as far as we read it. */
interface SdkError extends Error {
  code?: string
  $metadata?: { httpStatusCode?: number }
  $response?: { statusCode?: number; headers?: Record<string, string> }
}

interface Details {
  cause: unknown
  retryAfterMs?: number | undefined
  retryable?: boolean
  spent: SpentOnFailure
}
type Make = new (message: string, details: Details) => LlmError

/** By the vendor's name of the error: HTTP answers, exception frames and error frames alike. */
const BY_NAME: Record<string, Make> = {
  ThrottlingException: LlmThrottled,
  ModelNotReadyException: LlmThrottled,
  ServiceQuotaExceededException: LlmThrottled,
  InternalServerException: LlmUnavailable,
  InternalFailure: LlmUnavailable,
  ServiceUnavailableException: LlmUnavailable,
  ModelErrorException: LlmUnavailable,
  ModelStreamErrorException: LlmUnavailable,
  ModelTimeoutException: LlmTimeout,
  TimeoutError: LlmTimeout,
  ValidationException: LlmRefusedRequest,
  ConflictException: LlmRefusedRequest,
  ResourceNotFoundException: LlmModelNotFound,
  AccessDeniedException: LlmNotAllowed,
  ExpiredTokenException: LlmNotAllowed,
  UnrecognizedClientException: LlmNotAllowed,
  InvalidSignatureException: LlmNotAllowed,
  CredentialsProviderError: LlmNotAllowed,
  SyntaxError: LlmAnswerInvalid,
}
/** A quota of the account: trying again within seconds does not help. */
const LASTING = new Set(['ServiceQuotaExceededException'])

/** Connections that were never made: nothing was sent. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
/** Connections that broke: what was sent may have been worked on. */
const BROKEN = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'])

/**
 * Any error of the AWS SDK as one of ours, with the vendor's message kept. An HTTP answer that is an error is not billed;
 * what fails after the answer began may be. @param begun the answer's head was there already
 */
export function toLlmError(error: unknown, modelId: string, begun = false): LlmError {
  if (error instanceof LlmError) return error
  if (!(error instanceof Error))
    return new LlmUnavailable(`${modelId}: ${String(error)}`, { cause: error, retryable: false, spent: 'unknown' })
  const { name, code = '', $metadata, $response } = error as SdkError
  const message = `${modelId}: ${name}: ${error.message}`
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  const spent = !begun && isUnbilled(error, status) ? 'nothing' : 'unknown'
  const details = { cause: error, retryAfterMs: retryAfterMs($response?.headers), spent } as const
  // First, because the SDK gives a reset connection the name of a timeout.
  if (NEVER_CONNECTED.has(code) || BROKEN.has(code) || error.message === 'aborted')
    return new LlmUnavailable(message, details)
  if (LASTING.has(name)) return new LlmThrottled(message, { ...details, retryable: false })
  if (Object.hasOwn(BY_NAME, name)) return new BY_NAME[name]!(message, details)
  if (status === 429) return new LlmThrottled(message, details)
  if (status === 401 || status === 403) return new LlmNotAllowed(message, details)
  if (status !== undefined && status >= 400 && status < 500) return new LlmRefusedRequest(message, details)
  // Half a frame, or bytes that are none: the connection, or what stands in between, cut the stream.
  const broken = /^Truncated event message|checksum/.test(error.message)
  return new LlmUnavailable(message, { ...details, retryable: broken || (status !== undefined && status >= 500) })
}

function isUnbilled({ name, message, code = '' }: SdkError, status: number | undefined): boolean {
  if (status !== undefined) return status >= 400
  return (
    NEVER_CONNECTED.has(code) || name === 'CredentialsProviderError' || message.includes('did not establish a conn')
  )
}

/** `retry-after` in seconds or as a date, `x-amz-retry-after` in milliseconds. */
function retryAfterMs(headers: Record<string, string> | undefined): number | undefined {
  const amazon = Number(headers?.['x-amz-retry-after'] ?? NaN)
  if (Number.isFinite(amazon)) return Math.max(0, amazon)
  const value = headers?.['retry-after']
  if (value === undefined) return undefined
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}
