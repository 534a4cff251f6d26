import type { Scope } from '../catalogue.ts'
import type { ServiceTier, Usage } from '../llm.ts'

/** Where money is counted: one entry for each attempt that is sent to a vendor. */
export interface Ledger {
  /**
   * Enters the attempt before it is sent and sets its worst case aside in every budget that it falls under, or does nothing.
   * @throws LlmOverBudget
   */
  reserve(call: PlannedCall): Promise<void>
  /** Replaces what was set aside by what the attempt cost; a second time does nothing. */
  settle(callId: string, outcome: CallOutcome): Promise<void>
  /** Enters an attempt that cannot cost anything, afterwards, in one step. */
  record(call: PlannedCall, outcome: CallOutcome): Promise<void>
}

export interface PlannedCall {
  /** The vendor is told it, where it keeps a log. */
  id: string
  /** Joins the attempts of one request: retries and fallbacks. */
  requestId: string
  attempt: number
  operation: 'complete' | 'stream' | 'embed' | 'batch'
  feature: string
  accountId: string | null
  provider: string
  model: string
  scope: Scope
  tier: ServiceTier | 'batch'
  promptVersion: string | null
  startedAt: Date
  /** Null when the price is not known. */
  worstCaseUsd: number | null
  /** When this process must have settled it, if it is alive. */
  dueAt: Date
}

export interface CallOutcome {
  /** `ok`, `cancelled`, or the name of the error. */
  result: string
  /** `unknown`: the vendor may bill something that we were not told; its log decides later, until then the worst case counts. */
  usage: Usage | 'unknown'
  /** Null when the usage or the price is not known. */
  costUsd: number | null
  tookMs: number
  firstPieceMs: number | null
}
