import { v7 as uuidv7 } from 'uuid'
import type { ModelLimits, Place } from '../admission/admission.ts'
import { costOf } from '../cost.ts'
import type { PriceTier } from '../cost.ts'
import { LlmError, LlmPriceUnknown, LlmResting, LlmThrottled } from '../errors.ts'
import type { Usage } from '../llm.ts'
import { NO_USAGE } from '../provider.ts'
import type { Attempt } from '../provider.ts'
import { sumUsage } from './answer.ts'
import type { CallOutcome, PlannedCall } from './ledger.ts'
import type { LlmOptions } from './options.ts'
import { keyOf } from './route.ts'
import type { Stop } from './route.ts'

/** A place that a dead process holds is free again after this; a living one renews it. */
const LEASE_MS = 60_000

/** What is known of an attempt before it is sent. */
export interface AttemptPlan extends Pick<
  PlannedCall,
  'requestId' | 'attempt' | 'operation' | 'feature' | 'accountId' | 'promptVersion' | 'worstCaseUsd'
> {
  tier: PriceTier
  /** Input and allowed output together, as vendors reserve them; absent when the vendor calls of the attempt enter one by one. */
  tokens?: number
  signal: AbortSignal | undefined
}

/** One attempt that breaker, limits and budgets let through. It ends exactly once, by `done` or `failed`. */
interface OpenAttempt extends Attempt {
  /** The first piece of a stream is there. */
  begun(): void
  done(usage: Usage | undefined): Promise<void>
  /** `before` is what was used up before what failed. */
  failed(error: unknown, before?: Usage | 'unknown'): Promise<void>
}

type Options = Pick<
  LlmOptions,
  'admission' | 'breakers' | 'ledger' | 'limits' | 'longestCallMs' | 'maxWaitMs' | 'onProblem' | 'strictPrices'
> & { clock: () => Date }

export interface Attempts {
  /**
   * Lets an attempt in, in the order that costs least to refuse: price, breaker, limits, budget.
   * @throws LlmPriceUnknown, LlmResting, LlmThrottled, LlmOverBudget; the signal's reason.
   */
  open(stop: Stop, plan: AttemptPlan): Promise<OpenAttempt>
  /** Waits for a place under the limits alone. @throws LlmThrottled that no retry helps: the wait was long enough. */
  enter(stop: Stop, tokens: number, signal: AbortSignal | undefined): Promise<Place | undefined>
}

export function createAttempts({ admission, breakers, ledger, strictPrices, clock, ...options }: Options): Attempts {
  const { limits, longestCallMs = 900_000, maxWaitMs = 60_000, onProblem = () => undefined } = options

  /** Waits that were too long: they tell of our own limits, not of the model's health. */
  const ownThrottles = new WeakSet<LlmThrottled>()

  const enter: Attempts['enter'] = async (stop, tokens, signal) => {
    const ofModel: ModelLimits = { ...limits, ...stop.target.model?.limits }
    try {
      return await admission?.enter(keyOf(stop), ofModel, tokens, { maxWaitMs, leaseMs: LEASE_MS, signal })
    } catch (error) {
      if (!(error instanceof LlmThrottled)) throw error
      const { message, retryAfterMs } = error
      const throttled = new LlmThrottled(message, { cause: error, retryAfterMs, retryable: false })
      ownThrottles.add(throttled)
      throw throttled
    }
  }

  const open: Attempts['open'] = async (stop, plan) => {
    const { target } = stop
    const { tokens, signal, ...planned } = plan
    const key = keyOf(stop)
    if (strictPrices && plan.worstCaseUsd === null) throw new LlmPriceUnknown(`The price of ${key} is not known.`)
    const gate = breakers?.allow(key)
    if (gate && 'retryAt' in gate) {
      throw new LlmResting(`${key} failed too often and is left alone until ${gate.retryAt.toISOString()}.`)
    }
    const call: PlannedCall = {
      ...planned,
      id: uuidv7(),
      provider: target.provider,
      model: target.id,
      scope: target.scope,
      startedAt: clock(),
      dueAt: new Date(clock().getTime() + longestCallMs),
    }
    let place: Place | undefined
    try {
      if (tokens !== undefined) place = await enter(stop, tokens, signal)
      if (!target.free) await ledger?.reserve(call)
    } catch (error) {
      breakers?.cancelled(key)
      await place?.leave(0)
      throw error
    }

    const start = performance.now()
    let firstPieceMs: number | null = null
    const end = async (result: string, usage: Usage | 'unknown'): Promise<void> => {
      const costUsd = usage === 'unknown' ? null : costOf(target, usage, plan.tier).costUsd
      const outcome: CallOutcome = { result, usage, costUsd, tookMs: performance.now() - start, firstPieceMs }
      const leaving = place?.leave(usage === 'unknown' ? undefined : tokensOf(usage))
      try {
        await (target.free ? ledger?.record(call, outcome) : ledger?.settle(call.id, outcome))
      } catch (error) {
        onProblem(error, 'a model call could not be settled in the ledger')
      }
      await leaving
    }
    return {
      callId: call.id,
      signal,
      begun: () => void (firstPieceMs ??= performance.now() - start),
      done: async (usage) => {
        breakers?.succeeded(key)
        await end('ok', usage ?? 'unknown')
      },
      failed: async (error, before = NO_USAGE) => {
        if (!(error instanceof LlmError) || signal?.aborted) {
          breakers?.cancelled(key)
          return end(signal?.aborted ? 'cancelled' : nameOf(error), 'unknown')
        }
        if (error instanceof LlmThrottled && ownThrottles.has(error)) breakers?.cancelled(key)
        else breakers?.failed(key, error)
        const last = error.spent === 'nothing' ? NO_USAGE : error.spent
        await end(error.name, before === 'unknown' || last === 'unknown' ? 'unknown' : sumUsage(before, last))
      },
    }
  }
  return { open, enter }
}

export const tokensOf = (usage: Usage): number =>
  usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown')

/** The caller left a stream before its end. */
export class CallerLeft extends Error {
  override name = 'cancelled'
}
