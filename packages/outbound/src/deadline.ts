import { OutboundFailed } from './errors.ts'

/** All times of one get: `totalTimeoutMs` covers every hop, the other two a single one. */
export type TimeLimits = { headersTimeoutMs: number; idleTimeoutMs: number; totalTimeoutMs: number }

/** The one signal that ends an exchange: for its time limits, for the caller, or for the closing of the client. */
export type Deadline = Disposable & {
  signal: AbortSignal
  /** A request goes out: its headers are due. */
  requestSent(): void
  /** Headers or a piece of the body came: the next piece is due. */
  received(): void
}

/** `outer` are the signals of the caller and of the client; their reason becomes the reason of `signal`. */
export function createDeadline(limits: TimeLimits, outer: readonly AbortSignal[]): Deadline {
  const controller = new AbortController()
  const total = failAfter(limits.totalTimeoutMs, 'the whole exchange')
  let step: NodeJS.Timeout | undefined

  function failAfter(timeoutMs: number, what: string): NodeJS.Timeout {
    return setTimeout(() => {
      controller.abort(new OutboundFailed('timeout', `expected ${what} within ${timeoutMs} ms, got no end of it`))
    }, timeoutMs)
  }

  return {
    signal: AbortSignal.any([controller.signal, ...outer]),
    requestSent() {
      clearTimeout(step)
      step = failAfter(limits.headersTimeoutMs, 'the response headers')
    },
    received() {
      clearTimeout(step)
      step = failAfter(limits.idleTimeoutMs, 'the next piece of the body')
    },
    [Symbol.dispose]() {
      clearTimeout(step)
      clearTimeout(total)
    },
  }
}
