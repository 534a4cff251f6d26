import type { Admission, ModelLimits } from '../admission/admission.ts'
import type { ServiceTier } from '../llm.ts'
import type { Provider } from '../provider.ts'
import type { AnswerCache } from './answer-cache.ts'
import type { Breakers } from './breaker.ts'
import type { Ledger } from './ledger.ts'
import type { RetryOptions } from './retry.ts'
import type { ShadowStore } from './shadow.ts'

/** What is there besides the providers; whatever is absent is not done. */
export interface LlmOptions {
  /** The first is meant when a request names none. */
  providers: [Provider, ...Provider[]]
  /** Asked in this order when the model fails: `provider/model`, or a provider's name for its own choice. */
  fallbacks?: string[]
  /** Asked in this order when a budget does not allow the model; empty: the caller gets LlmOverBudget. */
  overBudget?: string[]
  /** A call whose price is not known is refused instead of made with a warning. */
  strictPrices?: boolean
  /** For requests that name none. */
  tier?: ServiceTier | undefined
  ledger?: Ledger
  admission?: Admission
  /** For models whose catalogue entry sets none. */
  limits?: ModelLimits
  breakers?: Breakers
  cache?: { answers: AnswerCache; ttlMs: number }
  shadow?: ShadowOptions
  retries?: Partial<Pick<RetryOptions, 'attempts' | 'baseMs' | 'maxMs' | 'random'>>
  /** How long a call waits for its place under the limits. */
  maxWaitMs?: number
  /** A call that lives longer is taken for dead by the books. */
  longestCallMs?: number
  /** Vendor calls of one `embed` at the same time. */
  embedConcurrency?: number
  clock?: () => Date
  /** Told of what is wrong beside a call and must not break it: the cache, the shadow, the settling. */
  onProblem?: (error: unknown, what: string) => void
}

interface ShadowOptions {
  /** Answers every request a second time; its answers go to the store only. */
  model: string
  store: ShadowStore
  /** The part of the requests that is answered twice, 0 to 1. */
  share?: number
  /** More than this at once are left out rather than queued. */
  mostPending?: number
}
