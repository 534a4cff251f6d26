import type { ContentBlock, ConverseCommandOutput, TokenUsage } from '@aws-sdk/client-bedrock-runtime'
import { LlmAnswerInvalid } from '../errors.ts'
import type { Part, Usage } from '../llm.ts'
import type { Reply } from '../provider.ts'
import { ANSWER_TOOL } from './request.ts'
import { toStopReason } from './stop-reason.ts'

/** A whole answer of Converse. @throws LlmAnswerInvalid when it has no message */
export function readReply(output: ConverseCommandOutput, modelId: string, warnings: string[]): Reply {
  const usage = toUsage(output.usage)
  const blocks = output.output?.message?.content
  if (!blocks || output.stopReason === undefined) {
    throw new LlmAnswerInvalid(`${modelId}: the answer holds no message.`, { spent: usage ?? 'unknown' })
  }
  return toReply(blocks.flatMap(toPart), output.stopReason, usage, warnings)
}

/** The answer tool is our own way to ask for JSON, not a wish of the model: its input became text. */
export function toReply(content: Part[], word: string, usage: Usage | undefined, warnings: string[]): Reply {
  const stopReason = toStopReason(word)
  const calls = content.some((part) => part.type === 'toolUse')
  return {
    message: { role: 'assistant', content },
    stopReason: stopReason === 'tool-use' && !calls ? 'end' : stopReason,
    usage,
    warnings,
  }
}

function toPart({ text, reasoningContent, toolUse }: ContentBlock): Part[] {
  if (text !== undefined) return [{ type: 'text', text }]
  if (reasoningContent) {
    const { reasoningText, redactedContent } = reasoningContent
    return [thinkingPart(reasoningText?.text ?? '', reasoningText?.signature, redactedContent)]
  }
  if (toolUse?.name === ANSWER_TOOL) return [{ type: 'text', text: JSON.stringify(toolUse.input) }]
  if (toolUse) return [{ type: 'toolUse', id: toolUse.toolUseId!, name: toolUse.name!, input: toolUse.input }]
  return []
}

export const thinkingPart = (text: string, signature?: string, redacted?: Uint8Array): Part => ({
  type: 'thinking',
  text,
  ...(signature === undefined ? {} : { signature }),
  ...(redacted === undefined ? {} : { redacted }),
})

/** Undefined when the vendor did not say. Its `inputTokens` are those that were neither read from a cache nor written to one. */
export function toUsage(usage: TokenUsage | undefined): Usage | undefined {
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined) return undefined
  const forAnHour = usage.cacheDetails?.find((detail) => detail.ttl === '1h')?.inputTokens
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cacheReadTokens: usage.cacheReadInputTokens ?? 0,
    cacheWriteTokens: usage.cacheWriteInputTokens ?? 0,
    ...(forAnHour === undefined ? {} : { cacheWrite1hTokens: forAnHour }),
  }
}
