import type { CallOutcome, PlannedCall, Usage } from '@dayshift/llm'
import { v7 as uuidv7 } from 'uuid'

/** A call of one dollar at most, begun at noon of 20 November 2026 and due ten minutes later. */
export function plannedCall(given: Partial<PlannedCall> = {}): PlannedCall {
  const startedAt = given.startedAt ?? new Date('2026-11-20T12:00:00Z')
  return {
    id: uuidv7(),
    requestId: uuidv7(),
    attempt: 1,
    operation: 'complete',
    feature: 'article.summary',
    accountId: null,
    provider: 'bedrock',
    model: 'amazon.nova-micro-v1:0',
    scope: 'region',
    tier: 'standard',
    promptVersion: null,
    startedAt,
    worstCaseUsd: 1,
    dueAt: new Date(startedAt.getTime() + 600_000),
    ...given,
  }
}

export const usageOf = (inputTokens: number, outputTokens: number): Usage => ({
  inputTokens,
  outputTokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
})

/** An answer of 100 tokens in and 10 out that cost this much. */
export const answered = (costUsd: number | null): CallOutcome => ({
  result: 'ok',
  usage: usageOf(100, 10),
  costUsd,
  tookMs: 812.4,
  firstPieceMs: null,
})

/** The stream was cut: the vendor may bill something. */
export const cut: CallOutcome = {
  result: 'LlmTruncatedStream',
  usage: 'unknown',
  costUsd: null,
  tookMs: 90,
  firstPieceMs: 12,
}
