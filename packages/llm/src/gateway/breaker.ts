import { LlmAnswerInvalid, LlmThrottled, LlmTimeout, LlmTruncatedStream, LlmUnavailable } from '../errors.ts'

export interface BreakerOptions {
  /** A model is left alone when so many attempts failed within `windowMs` (in steps of a tenth), and more than succeeded. */
  failures?: number
  windowMs?: number
  /** The first rest; each one that a failed probe adds is twice as long, up to `maxRestMs`. */
  restMs?: number
  maxRestMs?: number
  /** Attempts let through at the same time when the rest is over. */
  probes?: number
  clock?: () => Date
}

export interface Breakers {
  /** Whether an attempt may be sent. Each one that may must end in `succeeded`, `failed` or `cancelled`. */
  allow(model: string): { probe: boolean } | { retryAt: Date }
  succeeded(model: string): void
  /** For attempts that were sent, with any error; those that do not tell of the model's health count as cancelled. */
  failed(model: string, error: unknown): void
  cancelled(model: string): void
  /** Every model that answered or failed so far. */
  states(): BreakerState[]
}

export interface BreakerState {
  model: string
  /** `half-open`: the rest is over, and the next attempt or one under way is a probe. */
  state: 'closed' | 'open' | 'half-open'
  /** The end of the rest, unless closed. */
  retryAt: Date | undefined
  /** The last failure that counted, until a probe succeeds. */
  lastError: string | undefined
}

interface Health {
  slices: Slice[]
  /** The present rest, or the one that comes first. */
  restMs: number
  /** Undefined: closed. */
  restUntilMs: number | undefined
  probing: number
  /** Probes that nobody reported by then are given up. */
  probesUntilMs: number
  lastError: string | undefined
}

/** Results of a part of the window. */
interface Slice {
  fromMs: number
  good: number
  ill: number
}

const SLICES = 10
/** Being throttled is mostly our own haste, which retries and limits deal with: a quarter of a failure. */
const THROTTLED = 0.25

/**
 * A circuit breaker for each model, in this process. Attempts that began before the rest and end during it change nothing:
 * only what comes while a probe is under way does.
 */
export function createBreakers(options: BreakerOptions = {}): Breakers {
  const { failures = 5, windowMs = 60_000, restMs = 10_000, maxRestMs = 300_000, probes = 1 } = options
  const { clock = () => new Date() } = options
  const models = new Map<string, Health>()

  function fresh(): Health {
    return { slices: [], restMs, restUntilMs: undefined, probing: 0, probesUntilMs: 0, lastError: undefined }
  }

  function healthOf(model: string): Health {
    const health = models.get(model) ?? fresh()
    models.set(model, health)
    return health
  }

  function stateOf({ restUntilMs }: Health, nowMs: number): BreakerState['state'] {
    if (restUntilMs === undefined) return 'closed'
    return nowMs < restUntilMs ? 'open' : 'half-open'
  }

  /** Counts a result and gives the sums of the window. */
  function count(health: Health, nowMs: number, result: { good: number; ill: number }) {
    health.slices = health.slices.filter(({ fromMs }) => fromMs > nowMs - windowMs && fromMs <= nowMs)
    let last = health.slices.at(-1)
    if (!last || nowMs - last.fromMs >= windowMs / SLICES) {
      last = { fromMs: nowMs, good: 0, ill: 0 }
      health.slices.push(last)
    }
    last.good += result.good
    last.ill += result.ill
    const sum = (key: 'good' | 'ill') => health.slices.reduce((total, slice) => total + slice[key], 0)
    return { good: sum('good'), ill: sum('ill') }
  }

  function rest(health: Health, nowMs: number, error: unknown): void {
    const wantedMs = error instanceof LlmThrottled ? (error.retryAfterMs ?? 0) : 0
    health.restUntilMs = nowMs + Math.min(Math.max(health.restMs, wantedMs), maxRestMs)
    health.restMs = Math.min(health.restMs * 2, maxRestMs)
    health.probing = 0
    health.slices = []
  }

  function cancelled(model: string): void {
    const health = models.get(model)
    if (health) health.probing = Math.max(0, health.probing - 1)
  }

  function succeeded(model: string): void {
    const health = healthOf(model)
    if (health.restUntilMs === undefined) count(health, clock().getTime(), { good: 1, ill: 0 })
    else if (health.probing > 0) models.set(model, fresh())
  }

  return {
    allow(model) {
      const health = models.get(model)
      const nowMs = clock().getTime()
      if (!health || health.restUntilMs === undefined) return { probe: false }
      if (nowMs < health.restUntilMs) return { retryAt: new Date(health.restUntilMs) }
      if (nowMs >= health.probesUntilMs) health.probing = 0
      if (health.probing >= probes) return { retryAt: new Date(health.probesUntilMs) }
      health.probing += 1
      health.probesUntilMs = nowMs + health.restMs
      return { probe: true }
    },
    succeeded,
    failed(model, error) {
      // It answered, if not with what was asked for.
      if (error instanceof LlmAnswerInvalid) return succeeded(model)
      const ill = illnessOf(error)
      if (ill === 0) return cancelled(model)
      const health = healthOf(model)
      const isOpen = health.restUntilMs !== undefined
      if (isOpen && health.probing === 0) return
      const nowMs = clock().getTime()
      health.lastError = String(error)
      const sums = isOpen ? undefined : count(health, nowMs, { good: 0, ill })
      if (!sums || (sums.ill >= failures && sums.ill > sums.good)) rest(health, nowMs, error)
    },
    cancelled,
    states() {
      const nowMs = clock().getTime()
      return [...models].map(([model, health]) => ({
        model,
        state: stateOf(health, nowMs),
        retryAt: health.restUntilMs === undefined ? undefined : new Date(health.restUntilMs),
        lastError: health.lastError,
      }))
    },
  }
}

/**
 * How much an error tells of the model's own state. Refused requests, money and credentials tell nothing: they would fail
 * the same way with a healthy model, and whoever can mend them must see the vendor's words instead of a resting model.
 */
function illnessOf(error: unknown): number {
  if (error instanceof LlmThrottled) return error.retryable ? THROTTLED : 1
  const isIll = error instanceof LlmUnavailable || error instanceof LlmTimeout || error instanceof LlmTruncatedStream
  return isIll ? 1 : 0
}
