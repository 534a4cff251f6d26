import { costOf } from '../cost.ts'
import type { PriceTier } from '../cost.ts'
import type { Answer, Spent, TextRequest, Usage } from '../llm.ts'
import { NO_USAGE } from '../provider.ts'
import type { Reply, Target } from '../provider.ts'
import { withJson } from '../structured.ts'

/** A reply in the caller's words. @throws LlmAnswerInvalid when it is not the JSON that was asked for. */
export function toAnswer<T>(request: TextRequest<T>, reply: Reply, spent: Spent, cached = false): Answer<T> {
  const { message, stopReason } = reply
  const textOf = (type: 'text' | 'thinking') =>
    message.content.map((part) => (part.type === type ? part.text : '')).join('')
  return withJson(request, {
    ...spent,
    text: textOf('text'),
    thinking: textOf('thinking'),
    json: undefined,
    toolCalls: message.content.flatMap((part) =>
      part.type === 'toolUse' ? [{ id: part.id, name: part.name, input: part.input }] : [],
    ),
    stopReason,
    message,
    cached,
  })
}

/** What a reply or an embedding cost, with all that is to be said about it. */
export function spentOn(target: Target, usage: Usage | undefined, tier: PriceTier, warnings: string[]): Spent {
  const cost = usage
    ? costOf(target, usage, tier)
    : { costUsd: null, warnings: ['The cost is not known: the vendor did not report the usage.'] }
  return {
    usage: usage ?? NO_USAGE,
    costUsd: cost.costUsd,
    model: target.id,
    provider: target.provider,
    warnings: [...warnings, ...cost.warnings],
  }
}

export const sumUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  cacheWrite1hTokens: (a.cacheWrite1hTokens ?? 0) + (b.cacheWrite1hTokens ?? 0),
})
