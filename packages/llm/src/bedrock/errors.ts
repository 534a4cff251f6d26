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

/** What the AWS SDK throws, as far as we read it. */
interface SdkError extends Error {
  code?: string
  $metadata?: { httpStatusCode?: number }
  $response?: { headers?: Record<string, string> }
}

type Make = (message: string, details: { cause: unknown; retryAfterMs?: number | undefined }) => LlmError

/** By the vendor's name of the error: HTTP answers, exception frames and error frames alike. */
const BY_NAME: Record<string, Make> = {
  ThrottlingException: (message, details) => new LlmThrottled(message, details),
  ModelNotReadyException: (message, details) => new LlmThrottled(message, details),
  // A quota of the account: trying again within seconds does not help.
  ServiceQuotaExceededException: (message, details) => new LlmThrottled(message, { ...details, retryable: false }),
  InternalServerException: (message, details) => new LlmUnavailable(message, details),
  InternalFailure: (message, details) => new LlmUnavailable(message, details),
  ServiceUnavailableException: (message, details) => new LlmUnavailable(message, details),
  ModelErrorException: (message, details) => new LlmUnavailable(message, details),
  ModelStreamErrorException: (message, details) => new LlmUnavailable(message, details),
  ModelTimeoutException: (message, details) => new LlmTimeout(message, details),
  TimeoutError: (message, details) => new LlmTimeout(message, details),
  ValidationException: (message, details) => new LlmRefusedRequest(message, details),
  ConflictException: (message, details) => new LlmRefusedRequest(message, details),
  ResourceNotFoundException: (message, details) => new LlmModelNotFound(message, details),
  AccessDeniedException: (message, details) => new LlmNotAllowed(message, details),
  ExpiredTokenException: (message, details) => new LlmNotAllowed(message, details),
  UnrecognizedClientException: (message, details) => new LlmNotAllowed(message, details),
  InvalidSignatureException: (message, details) => new LlmNotAllowed(message, details),
  CredentialsProviderError: (message, details) => new LlmNotAllowed(message, details),
  SyntaxError: (message, details) => new LlmAnswerInvalid(message, details),
}

/** A connection that was refused, cut or never made. */
const NETWORK_CODES = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** Any error of the AWS SDK as one of ours, with the vendor's message kept. */
export function toLlmError(error: unknown, modelId: string): LlmError {
  if (error instanceof LlmError) return error
  if (!(error instanceof Error))
    return new LlmUnavailable(`${modelId}: ${String(error)}`, { cause: error, retryable: false })
  const { name, code, $metadata, $response } = error as SdkError
  const message = `${modelId}: ${name}: ${error.message}`
  const details = { cause: error, retryAfterMs: retryAfterMs($response?.headers) }
  // First, because the SDK gives a reset connection the name of a timeout.
  if ((code !== undefined && NETWORK_CODES.has(code)) || error.message === 'aborted')
    return new LlmUnavailable(message, details)
  if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name]!(message, details)
  const status = $metadata?.httpStatusCode
  if (status === 429) return new LlmThrottled(message, details)
  if (status === 401 || status === 403) return new LlmNotAllowed(message, details)
  if (status !== undefined && status >= 400 && status < 500) return new LlmRefusedRequest(message, details)
  return new LlmUnavailable(message, { ...details, retryable: status !== undefined && status >= 500 })
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
