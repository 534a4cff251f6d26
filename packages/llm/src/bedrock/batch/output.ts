import { z } from 'zod'
import type { BatchResult, BatchTotals } from '../../batch.ts'
import type { Part } from '../../llm.ts'
import type { Reply } from '../../provider.ts'
import { toStopReason } from '../stop-reason.ts'

const Count = z.int().nonnegative()
const Block = z.union([
  z.object({ text: z.string() }),
  z.object({
    reasoningContent: z.object({ reasoningText: z.object({ text: z.string(), signature: z.string().optional() }) }),
  }),
  z.object({ reasoningContent: z.object({ redactedContent: z.base64() }) }),
])
/** The answer of Converse, as far as a batch can have it: there are no tools. */
const ModelOutput = z.object({
  output: z.object({ message: z.object({ content: z.array(Block) }) }),
  stopReason: z.string(),
  usage: z
    .object({
      inputTokens: Count,
      outputTokens: Count,
      cacheReadInputTokens: Count.optional(),
      cacheWriteInputTokens: Count.optional(),
    })
    .optional(),
})
const Line = z.object({
  recordId: z.string(),
  modelOutput: z.unknown().optional(),
  error: z.object({ errorCode: z.union([z.int(), z.string()]), errorMessage: z.string() }).optional(),
})
const Manifest = z.object({ inputTokenCount: Count.default(0), outputTokenCount: Count.default(0) })

/**
 * One line of a job's output: `{"recordId","modelInput","modelOutput"}`, or `error` in place of `modelOutput`. Undefined for
 * what is no such line. Format: https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-results.html.
 */
export function readResult(line: string): BatchResult | undefined {
  const parsed = Line.safeParse(parseJson(line))
  if (!parsed.success) return undefined
  const { recordId, modelOutput, error } = parsed.data
  if (error) return { recordId, error: `${error.errorCode}: ${error.errorMessage}` }
  const answer = ModelOutput.safeParse(modelOutput)
  if (!answer.success) return { recordId, error: `The answer has another form: ${z.prettifyError(answer.error)}` }
  return { recordId, reply: toReply(answer.data) }
}

/** What `manifest.json.out` says of the whole job; undefined when it is no manifest. */
export function readTotals(text: string): BatchTotals | undefined {
  const parsed = Manifest.safeParse(parseJson(text))
  if (!parsed.success) return undefined
  return { inputTokens: parsed.data.inputTokenCount, outputTokens: parsed.data.outputTokenCount }
}

function toReply({ output, stopReason, usage }: z.output<typeof ModelOutput>): Reply {
  return {
    message: { role: 'assistant', content: output.message.content.map(toPart) },
    stopReason: toStopReason(stopReason),
    usage: usage && {
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      cacheReadTokens: usage.cacheReadInputTokens ?? 0,
      cacheWriteTokens: usage.cacheWriteInputTokens ?? 0,
    },
    warnings: [],
  }
}

function toPart(block: z.output<typeof Block>): Part {
  if ('text' in block) return { type: 'text', text: block.text }
  const { reasoningContent } = block
  if ('reasoningText' in reasoningContent) return { type: 'thinking', ...reasoningContent.reasoningText }
  return { type: 'thinking', text: '', redacted: Buffer.from(reasoningContent.redactedContent, 'base64') }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
