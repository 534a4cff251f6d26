/** What can go wrong, by name; the ones in the second group need a stream. */
export type Fault = HttpFaultName | BrokenAnswer | StreamFault

/** One HTTP answer that is an error: nothing was worked on and nothing is billed. */
type HttpFaultName =
  | 'throttle'
  | 'throttle-with-retry-after'
  | 'internal-error'
  | 'unavailable'
  | 'model-timeout'
  | 'model-error'
  | 'quota'
  | 'access-denied'

/** `hang` never answers and has read the input; of the others all was worked on, and the answer was lost or spoilt on its way. */
type BrokenAnswer = 'reset' | 'hang' | 'not-json' | 'wrong-content-type'

/** What was said until then is billed. */
type StreamFault =
  | 'stream-exception'
  | 'stream-error-frame'
  | 'exception-before-text'
  | 'cut-stream'
  | 'cut-before-text'
  | 'no-message-stop'
  | 'stall'
  | 'slow-chunks'
  | 'broken-tool-input'

const STREAM_FAULTS: ReadonlySet<string> = new Set<StreamFault>([
  'stream-exception',
  'stream-error-frame',
  'exception-before-text',
  'cut-stream',
  'cut-before-text',
  'no-message-stop',
  'stall',
  'slow-chunks',
  'broken-tool-input',
])

export const needsStream = (fault: Fault): boolean => STREAM_FAULTS.has(fault)

export interface HttpFault {
  status: number
  type: string
  message: string
  headers?: Record<string, string>
}

/** With AWS's status and name. */
const HTTP_FAULTS: Record<HttpFaultName, HttpFault> = {
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

export const findHttpFault = (fault: Fault): HttpFault | undefined =>
  Object.hasOwn(HTTP_FAULTS, fault) ? HTTP_FAULTS[fault as HttpFaultName] : undefined

export interface RandomFaults {
  /** The part of the requests that fails, 0 to 1. */
  share: number
  seed: number
  /** Each as likely as the other; those that need a stream strike streams only. */
  faults: Fault[]
}

/** Draws for one request after another; the same seed gives the same draws. */
export function drawFaults({ share, seed, faults }: RandomFaults): (streams: boolean) => Fault | undefined {
  const random = mulberry32(seed)
  return (streams) => {
    const [strikes, which] = [random() < share, random()]
    const possible = streams ? faults : faults.filter((fault) => !needsStream(fault))
    return strikes ? possible[Math.floor(which * possible.length)] : undefined
  }
}

/** Numbers from 0 to 1, by Tommy Ettinger's generator of that name. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
