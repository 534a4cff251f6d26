import type { Answer, Llm, TextRequest, ToolCall } from '@dayshift/llm'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ask, askInPieces } from '../model-api/ask.ts'
import { openCall } from '../model-api/call.ts'
import { spentHeaders, warningHeader } from '../model-api/spent.ts'
import { sendStream } from '../model-api/stream.ts'
import { toOllamaError } from './errors.ts'

/** What a model said, or a piece of it. */
export interface Said {
  text: string
  thinking?: string | undefined
  calls?: OllamaToolCall[] | undefined
}

interface OllamaToolCall {
  id: string
  function: { index: number; name: string; arguments: unknown }
}

export interface Reply {
  /** The name that the caller sent, which every line repeats. */
  model: string
  /** `/api/chat` and `/api/generate` put the same things into different fields. */
  body: (said: Said) => object
  stream: boolean
  warnings: string[]
}

/** Asks the model and answers as Ollama does: in lines, unless the caller wants one whole answer. */
export async function answerWith(
  llm: Llm,
  asked: TextRequest<unknown>,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { model, body, stream, warnings }: Reply,
): Promise<unknown> {
  const clock = startClock()
  const call = openCall(request, reply)
  const line = (said: Said, end: object): object => ({
    model,
    created_at: new Date().toISOString(),
    ...body(said),
    ...end,
  })
  if (!stream) {
    clock.asks()
    const answer = await ask(llm, asked, call.options)
    const said = { text: answer.text, thinking: answer.thinking || undefined, calls: toolCalls(answer.toolCalls) }
    reply.headers(spentHeaders(answer, warnings)).type('application/json; charset=utf-8')
    return line(said, ending(answer, clock))
  }
  let last: Answer<unknown> | undefined
  async function* lines(): AsyncGenerator<string, void> {
    let index = 0
    clock.asks()
    for await (const event of askInPieces(llm, asked, call.options)) {
      clock.pieceCame()
      if (event.type === 'text') yield toLine(line({ text: event.text }, { done: false }))
      if (event.type === 'thinking') yield toLine(line({ text: '', thinking: event.text }, { done: false }))
      if (event.type === 'tool-call') {
        yield toLine(line({ text: '', calls: toolCalls([event.call], index++) }, { done: false }))
      }
      if (event.type === 'end') {
        last = event.answer
        yield toLine(line({ text: '' }, ending(event.answer, clock)))
      }
    }
  }
  await sendStream(request, reply, call, {
    contentType: 'application/x-ndjson',
    headers: warningHeader(warnings),
    chunks: lines(),
    lastWords: (error) => toLine({ error: toOllamaError(error, request).error }),
    trailers: () => (last ? spentHeaders(last, warnings) : {}),
  })
  return reply
}

const toLine = (value: object): string => `${JSON.stringify(value)}\n`

function toolCalls(calls: ToolCall[], first = 0): OllamaToolCall[] | undefined {
  if (calls.length === 0) return undefined
  return calls.map(({ id, name, input }, i) => ({ id, function: { index: first + i, name, arguments: input ?? {} } }))
}

const cut = new Set<Answer['stopReason']>(['max-tokens', 'context-exceeded'])

/** The end of an answer: why, and Ollama's statistics. A count of 0 is left out, as there. */
function ending({ stopReason, usage }: Answer<unknown>, clock: Clock): object {
  const promptTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  const { totalNs, loadNs, promptNs, evalNs } = clock.read()
  return {
    done: true,
    done_reason: cut.has(stopReason) ? 'length' : 'stop',
    total_duration: totalNs,
    load_duration: loadNs,
    prompt_eval_count: promptTokens || undefined,
    prompt_eval_duration: promptNs,
    eval_count: usage.outputTokens || undefined,
    eval_duration: evalNs,
  }
}

type Clock = ReturnType<typeof startClock>

/**
 * Nanoseconds, integers above 0. Loading is what we do before we ask. A whole answer does not tell when its first piece
 * came: its time counts as the answer's.
 */
function startClock() {
  const start = process.hrtime.bigint()
  let asked = start
  let first: bigint | undefined
  const ns = (from: bigint, to: bigint): number => Math.max(1, Number(to - from))
  return {
    asks: () => void (asked = process.hrtime.bigint()),
    pieceCame: () => void (first ??= process.hrtime.bigint()),
    read: () => {
      const end = process.hrtime.bigint()
      const begun = first ?? asked
      return { totalNs: ns(start, end), loadNs: ns(start, asked), promptNs: ns(asked, begun), evalNs: ns(begun, end) }
    },
  }
}
