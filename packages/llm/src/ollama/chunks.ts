import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { LlmAnswerInvalid, LlmTruncatedStream, LlmUnavailable } from '../errors.ts'
import type { Message, StopReason, ToolCall, Usage } from '../llm.ts'
import { NO_USAGE } from '../provider.ts'
import type { Piece } from '../provider.ts'
import type { ChatBody } from './request.ts'

/** Counts of zero are left out by Ollama, ids of calls by its older versions. Source: `ChatResponse` in Ollama's `api/types.go`. */
const Chunk = z.object({
  message: z
    .object({
      content: z.string().default(''),
      thinking: z.string().default(''),
      tool_calls: z
        .array(
          z.object({
            id: z.string().optional(),
            function: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) }),
          }),
        )
        .nullish(),
    })
    .optional(),
  done: z.boolean().default(false),
  done_reason: z.string().optional(),
  prompt_eval_count: z.int().nonnegative().optional(),
  eval_count: z.int().nonnegative().optional(),
})
type Chunk = z.output<typeof Chunk>
const Line = z.union([z.object({ error: z.string() }), Chunk])

/**
 * The lines of `/api/chat` as pieces; the last is the whole reply.
 * @throws LlmUnavailable for a line that is an error, LlmTruncatedStream when no line says that it is done
 */
export async function* readChunks(lines: AsyncIterable<string>, { model, options }: ChatBody): AsyncGenerator<Piece> {
  let text = ''
  let thinking = ''
  const calls: ToolCall[] = []
  let understood = 0
  let broken: LlmAnswerInvalid | undefined
  for await (const line of lines) {
    if (broken) throw broken
    const chunk = parseLine(line, model)
    // Only the next line tells whether this one was wrong or cut off.
    if (chunk instanceof LlmAnswerInvalid) {
      broken = chunk
      continue
    }
    understood++
    if ('error' in chunk) throw new LlmUnavailable(`${model}: Ollama stopped: ${chunk.error}`, { spent: 'unknown' })
    const { message, done } = chunk
    if (message?.thinking) {
      thinking += message.thinking
      yield { type: 'thinking', text: message.thinking }
    }
    if (message?.content) {
      text += message.content
      yield { type: 'text', text: message.content }
    }
    for (const { id, function: called } of message?.tool_calls ?? []) {
      const call = { id: id || `call_${randomUUID()}`, name: called.name, input: called.arguments }
      calls.push(call)
      yield { type: 'tool-call', call }
    }
    if (!done) continue
    const stopReason = stopReasonOf(chunk, calls, Number(options['num_predict']))
    yield {
      type: 'reply',
      reply: { message: toMessage(thinking, text, calls), stopReason, usage: usageOf(chunk), warnings: [] },
    }
    return
  }
  if (broken && understood === 0) throw broken
  throw new LlmTruncatedStream(`${model}: the stream ended after ${text.length} characters without "done".`)
}

function parseLine(line: string, model: string): z.output<typeof Line> | LlmAnswerInvalid {
  try {
    return Line.parse(JSON.parse(line))
  } catch (cause) {
    return new LlmAnswerInvalid(`${model}: a line of the answer is not Ollama's: ${line.slice(0, 200)}`, { cause })
  }
}

/** Who stops for length before the allowed number of tokens has come to the end of its context; some versions count one less. */
function stopReasonOf({ done_reason: reason, eval_count: count }: Chunk, calls: ToolCall[], most: number): StopReason {
  if (reason === 'length') return count !== undefined && count + 1 < most ? 'context-exceeded' : 'max-tokens'
  if (calls.length > 0) return 'tool-use'
  return reason === 'stop' ? 'end' : 'other'
}

/** Undefined unless both are told. */
const usageOf = ({ prompt_eval_count: input, eval_count: output }: Chunk): Usage | undefined =>
  input === undefined || output === undefined ? undefined : { ...NO_USAGE, inputTokens: input, outputTokens: output }

function toMessage(thinking: string, text: string, calls: ToolCall[]): Message {
  const content: Message['content'] = []
  if (thinking !== '') content.push({ type: 'thinking', text: thinking })
  if (text !== '') content.push({ type: 'text', text })
  content.push(...calls.map((call) => ({ type: 'toolUse' as const, ...call })))
  return { role: 'assistant', content }
}
