import type { ContentBlock, TokenUsage } from '@aws-sdk/client-bedrock-runtime'
import { costOf } from '../cost.ts'
import type { Answer, TextRequest, ToolCall, Usage } from '../llm.ts'
import { withJson } from '../structured.ts'
import type { ResolvedModel } from './model-id.ts'
import { ANSWER_TOOL } from './request.ts'
import { toStopReason } from './stop-reason.ts'

export const PROVIDER = 'bedrock'

/** What the model gave, whole or put together from a stream. */
export interface Given {
  text: string
  toolCalls: ToolCall[]
  stopReason: string | undefined
  usage: TokenUsage | undefined
}

/** Thinking is left out: it is no part of the answer. */
export function readBlocks(blocks: ContentBlock[]): Pick<Given, 'text' | 'toolCalls'> {
  const text = blocks.map((block) => block.text ?? '').join('')
  const toolCalls = blocks.flatMap(({ toolUse }) =>
    toolUse ? [{ id: toolUse.toolUseId ?? '', name: toolUse.name ?? '', input: toolUse.input }] : [],
  )
  return { text, toolCalls }
}

/** @throws LlmAnswerInvalid when the request's schema is not met. */
export function toAnswer<T>(
  request: TextRequest<T>,
  given: Given,
  resolved: ResolvedModel,
  warnings: string[],
): Answer<T> {
  const structured = request.schema ? given.toolCalls.find((call) => call.name === ANSWER_TOOL) : undefined
  const stopReason = toStopReason(given.stopReason)
  const usage = toUsage(given.usage)
  const cost = given.usage
    ? costOf(resolved.model, resolved.id, resolved.scope, usage)
    : { costUsd: null, warnings: ['The cost is not known: the vendor did not report the usage.'] }
  return withJson(request, {
    text: structured ? JSON.stringify(structured.input) : given.text,
    json: undefined,
    toolCalls: structured ? [] : given.toolCalls,
    // The answer tool is our own way to ask for JSON, not a wish of the model.
    stopReason: structured && stopReason === 'tool-use' ? 'end' : stopReason,
    usage,
    costUsd: cost.costUsd,
    model: resolved.id,
    provider: PROVIDER,
    warnings: [...warnings, ...cost.warnings],
  })
}

const toUsage = (usage: TokenUsage | undefined): Usage => ({
  inputTokens: usage?.inputTokens ?? 0,
  outputTokens: usage?.outputTokens ?? 0,
  cacheReadTokens: usage?.cacheReadInputTokens ?? 0,
  cacheWriteTokens: usage?.cacheWriteInputTokens ?? 0,
})
