import { randomUUID } from 'node:crypto'
import { LlmThrottled, LlmUnavailable } from '../errors.ts'
import type { Admission, EnterOptions, ModelLimits, Place } from './admission.ts'

/** Where limits are counted: takes all that a call needs, or nothing. Neither it nor what it gives ever throws. */
export interface Turnstile {
  /** `waits`: when refused, the call comes again, as the first of this process, and nobody who came later is served before it. */
  take(call: Call, waits: boolean): Pass | Refusal | Promise<Pass | Refusal>
  /** A call that was said to wait does not come again. */
  withdraw(call: Call): void
  close(): Promise<void>
}

export interface Call {
  id: string
  model: string
  limits: ModelLimits
  tokens: number
  leaseMs: number
}

export interface Pass {
  leave(unusedTokens: number): void | Promise<void>
}

export interface Refusal {
  limit: keyof ModelLimits
  /** Until there is room if nobody else takes or gives back anything; undefined when nobody can know. */
  waitMs: number | undefined
  /** When asking again makes sense, if nothing is given back in this process before. */
  pauseMs: number
}

/** The longest that a timer of Node can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1
/** For a place that is free when some other call ends: a polite pause, because nobody knows when. */
const PLACE_RETRY_MS = 1_000

const UNLIMITED: Place = { leave: async () => {} }

/**
 * Lets the calls of this process wait for a turnstile, first come first served for each model: only the first in line asks,
 * so that a large call is not overtaken for ever by small ones. It asks again when its pause is over, and as soon as a place
 * is given back in this process.
 */
export function createWaitingRoom(turnstile: Turnstile): Admission {
  const lines = new Map<string, Line>()
  let closed = false

  function admit(pass: Pass, { model, tokens }: Call): Place {
    let left = false
    return {
      async leave(usedTokens = tokens) {
        if (left) return
        left = true
        const unused = tokens - usedTokens
        await pass.leave(unused > 0 ? Math.min(unused, tokens) : 0)
        lines.get(model)?.waiters[0]?.wake()
      },
    }
  }

  async function ask(call: Call, waits: boolean, signal: AbortSignal | undefined): Promise<Place | Refusal> {
    if (closed) throw new LlmUnavailable(`${call.model}: the process is closing.`, { retryable: false })
    const outcome = await turnstile.take(call, waits)
    if ('limit' in outcome) return outcome
    const place = admit(outcome, call)
    if (!signal?.aborted) return place
    await place.leave(0)
    throw signal.reason
  }

  async function queue(call: Call, line: Line, startedAt: number, options: EnterOptions): Promise<Place> {
    const { maxWaitMs, signal } = options
    const waiter = createWaiter()
    let waits = false
    line.waiters.push(waiter)
    try {
      for (;;) {
        const isFirst = line.waiters[0] === waiter
        if (isFirst || closed) {
          const outcome = await ask(call, true, signal)
          waits = 'limit' in outcome
          if ('leave' in outcome) return outcome
          line.refusal = outcome
        }
        const leftMs = startedAt + maxWaitMs - performance.now()
        if (leftMs <= 0) throw tooLong(call, line.refusal, maxWaitMs)
        await waiter.pause(isFirst ? Math.min(line.refusal.pauseMs, leftMs) : leftMs, signal)
      }
    } finally {
      if (waits) turnstile.withdraw(call)
      line.waiters.splice(line.waiters.indexOf(waiter), 1)
      line.waiters[0]?.wake()
      if (line.waiters.length === 0) lines.delete(call.model)
    }
  }

  return {
    async enter(model, limits, tokens, options) {
      const { leaseMs, signal } = options
      signal?.throwIfAborted()
      if (Object.values(limits).every((limit) => limit === undefined)) return UNLIMITED
      const call = { id: randomUUID(), model, limits, tokens, leaseMs }
      refuseImpossible(call)
      const startedAt = performance.now()
      if (!lines.has(model)) {
        const outcome = await ask(call, false, signal)
        if ('leave' in outcome) return outcome
        if (options.maxWaitMs <= 0) throw tooLong(call, outcome, options.maxWaitMs)
        // Others may have been refused, and be in line, since we asked.
        if (!lines.has(model)) lines.set(model, { waiters: [], refusal: outcome })
      }
      return queue(call, lines.get(model)!, startedAt, options)
    },
    async close() {
      closed = true
      for (const { waiters } of lines.values()) for (const waiter of waiters) waiter.wake()
      await turnstile.close()
    },
  }
}

interface Line {
  waiters: Waiter[]
  /** What the first in line lacked when it asked last. */
  refusal: Refusal
}

type Waiter = ReturnType<typeof createWaiter>

function createWaiter() {
  let woken = false
  let resume = () => {}
  return {
    /** Ends the present pause, or else the next. */
    wake() {
      woken = true
      resume()
    },
    /** @throws the signal's reason */
    async pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
      signal?.throwIfAborted()
      if (!woken) {
        const { promise, resolve } = Promise.withResolvers<void>()
        resume = resolve
        const timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS))
        signal?.addEventListener('abort', resume)
        await promise
        clearTimeout(timer)
        signal?.removeEventListener('abort', resume)
        signal?.throwIfAborted()
      }
      woken = false
    },
  }
}

function refuseImpossible({ model, limits, tokens }: Call): void {
  if (!(tokens >= 0 && tokens < Infinity)) throw new RangeError(`${model}: ${tokens} tokens; expected a count`)
  const needed = { concurrency: 1, requestsPerMinute: 1, tokensPerMinute: tokens }
  for (const limit of Object.keys(needed) as (keyof ModelLimits)[]) {
    if (needed[limit] <= (limits[limit] ?? Infinity)) continue
    const message = `${model}: the call needs ${needed[limit]}, which the limit of ${nameOf(limit, limits)} never allows.`
    throw new LlmThrottled(message, { retryable: false })
  }
}

function tooLong({ model, limits, tokens }: Call, { limit, waitMs = PLACE_RETRY_MS }: Refusal, maxWaitMs: number) {
  const needed = limit === 'tokensPerMinute' ? ` (the call reserves ${tokens})` : ''
  const message = `${model}: no room within ${maxWaitMs} ms under the limit of ${nameOf(limit, limits)}${needed}.`
  return new LlmThrottled(message, { retryAfterMs: waitMs })
}

function nameOf(limit: keyof ModelLimits, limits: ModelLimits): string {
  const names = {
    concurrency: 'calls at the same time',
    requestsPerMinute: 'requests per minute',
    tokensPerMinute: 'tokens per minute',
  }
  return `${limits[limit]} ${names[limit]}`
}
