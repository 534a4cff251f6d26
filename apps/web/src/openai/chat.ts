import { randomUUID } from 'node:crypto'
import type { Answer, StreamEvent, ToolCall, Usage } from '@dayshift/llm'
import type { FastifyPluginAsync } from 'fastify'
import { ask, askInPieces } from '../model-api/ask.ts'
import { openCall } from '../model-api/call.ts'
import { MOST_BODY_BYTES } from '../model-api/json-body.ts'
import { findModel } from '../model-api/listing.ts'
import { spentHeaders, warningHeader } from '../model-api/spent.ts'
import { sendStream } from '../model-api/stream.ts'
import type { WebParts } from '../parts.ts'
import { noSuchModel, toOpenAiError } from './errors.ts'
import { ChatRequest, parseBody } from './requests.ts'
import { readTextRequest } from './text-request.ts'

/** `POST /chat/completions`, whole or as server-sent events. */
export const chat: FastifyPluginAsync<WebParts> = async (api, parts) => {
  api.post('/chat/completions', { schema: { hide: true }, bodyLimit: MOST_BODY_BYTES }, async (request, reply) => {
    const given = parseBody(ChatRequest, request.body)
    const model = findModel(parts, given.model)
    if (!model) throw noSuchModel(given.model)
    const warnings: string[] = []
    const asked = readTextRequest(model, given, warnings)
    const call = openCall(request, reply)
    const frame = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: given.model }
    if (!given.stream) {
      const answer = await ask(parts.context.llm, asked, call.options)
      reply.headers(spentHeaders(answer, warnings))
      return completion(frame, answer)
    }
    let last: Answer<unknown> | undefined
    async function* events(): AsyncGenerator<string, void> {
      const toChunks = chunking(frame, given.stream_options?.include_usage ?? false)
      for await (const event of askInPieces(parts.context.llm, asked, call.options)) {
        if (event.type === 'end') last = event.answer
        for (const chunk of toChunks(event)) yield `data: ${JSON.stringify(chunk)}\n\n`
      }
      yield 'data: [DONE]\n\n'
    }
    await sendStream(request, reply, call, {
      contentType: 'text/event-stream; charset=utf-8',
      headers: warningHeader(warnings),
      chunks: events(),
      lastWords: (error) => `data: ${JSON.stringify(toOpenAiError(error, request).body)}\n\n`,
      trailers: () => (last ? spentHeaders(last, warnings) : {}),
    })
    return reply
  })
}

interface Frame {
  id: string
  created: number
  /** The name that the caller sent. */
  model: string
}

const completion = (frame: Frame, answer: Answer<unknown>): object => ({
  ...frame,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: answer.text === '' && answer.toolCalls.length > 0 ? null : answer.text,
        refusal: null,
        ...(answer.thinking !== '' && { reasoning: answer.thinking }),
        ...(answer.toolCalls.length > 0 && { tool_calls: answer.toolCalls.map(toolCall) }),
      },
      logprobs: null,
      finish_reason: finishReason(answer),
    },
  ],
  usage: usageOf(answer.usage),
})

/** Chunks of the events of one answer. Usage comes last and only to who asked; then the others say that they have none. */
function chunking(frame: Frame, withUsage: boolean): (event: StreamEvent<unknown>) => object[] {
  let begun = false
  let calls = 0
  const chunk = (delta: object, finish_reason: string | null = null): object => ({
    ...frame,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...(withUsage && { usage: null }),
  })
  const chunksOf = (event: StreamEvent<unknown>): object[] => {
    if (event.type === 'text') return [chunk({ content: event.text })]
    if (event.type === 'thinking') return [chunk({ reasoning: event.text })]
    if (event.type === 'tool-call') {
      const index = calls++
      const { function: called, ...named } = toolCall(event.call)
      return [
        chunk({ tool_calls: [{ index, ...named, function: { name: called.name, arguments: '' } }] }),
        chunk({ tool_calls: [{ index, function: { arguments: called.arguments } }] }),
      ]
    }
    const usage = { ...frame, object: 'chat.completion.chunk', choices: [], usage: usageOf(event.answer.usage) }
    return [chunk({}, finishReason(event.answer)), ...(withUsage ? [usage] : [])]
  }
  return (event) => {
    const first = begun ? [] : [chunk({ role: 'assistant', content: '' })]
    begun = true
    return [...first, ...chunksOf(event)]
  }
}

const toolCall = ({ id, name, input }: ToolCall) => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(input ?? {}) },
})

const finishReasons: Partial<Record<Answer['stopReason'], string>> = {
  'max-tokens': 'length',
  'context-exceeded': 'length',
  'tool-use': 'tool_calls',
  'content-filtered': 'content_filter',
  guardrail: 'content_filter',
}
const finishReason = ({ stopReason }: Answer<unknown>): string => finishReasons[stopReason] ?? 'stop'

function usageOf({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): object {
  const promptTokens = inputTokens + cacheReadTokens + cacheWriteTokens
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cacheReadTokens },
  }
}
