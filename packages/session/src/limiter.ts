import type { KeyStore } from './key-store.ts'
import { checkName, clockMarginMs, requirePositive, systemClock, type Clock } from './settings.ts'
import { hashText } from './token.ts'

export interface LimiterOptions {
  readonly store: KeyStore
  /** Keeps limiters apart: lower-case letters, digits, hyphens. */
  readonly name: string
  /** How much may be taken at once, and again in each further window. */
  readonly limit: number
  readonly windowMs: number
  readonly clock?: Clock
}

export interface LimitState {
  readonly allowed: boolean
  /** What may still be taken now. */
  readonly remaining: number
  /** Until the whole limit is free again. */
  readonly resetAfterMs: number
  /** Until the refused cost would be allowed; 0 when it was allowed. */
  readonly retryAfterMs: number
}

export interface Limiter {
  /** Takes `cost` (1 to limit) or, if that is not free, nothing. */
  take(key: string, cost?: number): Promise<LimitState>
  /** What `take(key)` would say, without taking. */
  peek(key: string): Promise<LimitState>
  reset(key: string): Promise<void>
}

/**
 * A rate limit by the generic cell rate algorithm (ITU-T I.371, annex A: virtual scheduling): `limit` may be taken at
 * once, and each taken unit comes back after windowMs / limit. Only the theoretical arrival time of a key is stored, in
 * whole microseconds, so that sums are exact. Keys are stored hashed.
 */
export function createLimiter({ store, name, limit, windowMs, clock = systemClock }: LimiterOptions): Limiter {
  const prefix = `limit:${checkName(name)}:`
  if (requirePositive('limit', limit) > requirePositive('windowMs', windowMs)) {
    throw new RangeError(`limit is ${limit}; expected at most one in each of the ${windowMs} ms of the window`)
  }
  const intervalUs = Math.floor((windowMs * 1_000) / limit)
  const burstUs = intervalUs * limit

  function stateOf(arrivalUs: number, nowUs: number, refusedCost: number): LimitState {
    const freeUs = nowUs + burstUs - arrivalUs
    return {
      allowed: refusedCost === 0,
      remaining: Math.floor(freeUs / intervalUs),
      resetAfterMs: Math.ceil((arrivalUs - nowUs) / 1_000),
      retryAfterMs: refusedCost === 0 ? 0 : Math.ceil((refusedCost * intervalUs - freeUs) / 1_000),
    }
  }

  return {
    async take(key, cost = 1) {
      if (requirePositive('cost', cost) > limit) throw new RangeError(`cost is ${cost}; expected 1 to ${limit}`)
      const nowUs = clock().getTime() * 1_000
      const { advanced, value } = await store.advance(prefix + hashText(key), {
        floor: nowUs,
        ceiling: nowUs + burstUs,
        by: cost * intervalUs,
        ttlMs: windowMs + clockMarginMs,
      })
      return stateOf(value, nowUs, advanced ? 0 : cost)
    },
    async peek(key) {
      const nowUs = clock().getTime() * 1_000
      const stored = Number((await store.get(prefix + hashText(key))) ?? nowUs)
      const arrivalUs = Math.min(Math.max(stored, nowUs), nowUs + burstUs)
      return stateOf(arrivalUs, nowUs, nowUs + burstUs - arrivalUs < intervalUs ? 1 : 0)
    },
    async reset(key) {
      await store.delete([prefix + hashText(key)])
    },
  }
}
