import type { Admission } from './admission.ts'
import { createWaitingRoom } from './waiting-room.ts'
import type { Turnstile } from './waiting-room.ts'

export interface MemoryAdmissionOptions {
  clock?: () => Date
}

/** Limits for the calls of this process alone. Places have no lease here: who holds them dies together with the count. */
export function createMemoryAdmission(options: MemoryAdmissionOptions = {}): Admission {
  return createWaitingRoom(createMemoryTurnstile(options))
}

const MINUTE_US = 60_000_000

/** How long it takes a bucket to fill with so many units, in whole microseconds so that sums are exact. */
export function refillUs(units: number, perMinute: number): number {
  return Math.floor((units * MINUTE_US) / perMinute)
}

interface Counts {
  places: number
  /** When the bucket of requests will be full again. */
  requestsFullUs: number
  tokensFullUs: number
}

/**
 * Requests and tokens by the generic cell rate algorithm (ITU-T I.371, annex A: virtual scheduling): all that is kept of a
 * bucket is when it will be full. It holds one minute's allowance, as the vendors' own buckets do, so that any call that the
 * limit allows at all fits; after a pause up to twice the limit can therefore pass within one minute.
 */
export function createMemoryTurnstile({ clock = () => new Date() }: MemoryAdmissionOptions = {}): Turnstile {
  const models = new Map<string, Counts>()

  function countsOf(model: string): Counts {
    const found = models.get(model) ?? { places: 0, requestsFullUs: 0, tokensFullUs: 0 }
    models.set(model, found)
    return found
  }

  return {
    take({ model, limits, tokens }) {
      const { concurrency = Infinity, requestsPerMinute = Infinity, tokensPerMinute = Infinity } = limits
      const counts = countsOf(model)
      // Only a call that ends makes room, and it wakes the next.
      if (counts.places >= concurrency) return { limit: 'concurrency', waitMs: undefined, pauseMs: Infinity }
      const nowUs = clock().getTime() * 1_000
      // Never further ahead than an empty bucket, in case the clock was set back.
      const fullUs = (kept: number, units: number, perMinute: number) =>
        Math.min(Math.max(kept, nowUs), nowUs + MINUTE_US) + refillUs(units, perMinute)
      const requestsFullUs = fullUs(counts.requestsFullUs, 1, requestsPerMinute)
      const tokensFullUs = fullUs(counts.tokensFullUs, tokens, tokensPerMinute)
      const waitMs = Math.ceil((Math.max(requestsFullUs, tokensFullUs) - nowUs - MINUTE_US) / 1_000)
      if (waitMs > 0) {
        const limit = requestsFullUs > tokensFullUs ? 'requestsPerMinute' : 'tokensPerMinute'
        return { limit, waitMs, pauseMs: waitMs }
      }
      Object.assign(counts, { places: counts.places + 1, requestsFullUs, tokensFullUs })
      return {
        leave(unusedTokens) {
          counts.places -= 1
          counts.tokensFullUs -= refillUs(unusedTokens, tokensPerMinute)
        },
      }
    },
    withdraw() {},
    async close() {
      models.clear()
    },
  }
}
