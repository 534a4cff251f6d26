/** What can go wrong, by name; the ones in the second group need a stream. */
export type Fault =
  | 'throttle'
  | 'throttle-with-retry-after'
  | 'internal-error'
  | 'unavailable'
  | 'model-timeout'
  | 'model-error'
  | 'quota'
  | 'access-denied'
  | 'reset'
  | 'hang'
  | 'not-json'
  | StreamFault

export type StreamFault =
  | 'stream-exception'
  | 'stream-error-frame'
  | 'exception-before-text'
  | 'cut-stream'
  | 'cut-before-text'
  | 'no-message-stop'
  | 'stall'

export const STREAM_FAULTS: ReadonlySet<string> = new Set<StreamFault>([
  'stream-exception',
  'stream-error-frame',
  'exception-before-text',
  'cut-stream',
  'cut-before-text',
  'no-message-stop',
  'stall',
])

export interface HttpFault {
  status: number
  type: string
  message: string
  headers?: Record<string, string>
}

/** Faults that are one HTTP answer, with AWS's status and name. */
export const HTTP_FAULTS: Partial<Record<Fault, HttpFault>> = {
  throttle: {
    status: 429,
    type: 'ThrottlingException',
    message: 'Too many requests, please wait before trying again.',
  },
  'throttle-with-retry-after': {
    status: 429,
    type: 'ThrottlingException',
    message: 'Too many tokens, please wait before trying again.',
    headers: { 'retry-after': '1' },
  },
  'internal-error': {
    status: 500,
    type: 'InternalServerException',
    message: 'The system encountered an unexpected error.',
  },
  unavailable: {
    status: 503,
    type: 'ServiceUnavailableException',
    message: 'Bedrock is unable to process your request.',
  },
  'model-timeout': {
    status: 408,
    type: 'ModelTimeoutException',
    message: 'Model has timed out in processing the request.',
  },
  'model-error': { status: 424, type: 'ModelErrorException', message: 'The system encountered an error in the model.' },
  quota: { status: 400, type: 'ServiceQuotaExceededException', message: 'Your request exceeds the service quota.' },
  'access-denied': {
    status: 403,
    type: 'AccessDeniedException',
    message: 'You do not have access to the model with the specified model ID.',
  },
}
