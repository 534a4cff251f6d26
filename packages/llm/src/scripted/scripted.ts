import { wait } from '../wait.ts'
import { embedByHashing } from '../local/hashing-embedding.ts'
import { EMBEDDING_DIMENSIONS } from '../llm.ts'
import type { Answer, CallOptions, EmbedRequest, Llm, Part, StreamEvent, TextRequest, ToolCall } from '../llm.ts'
import { withJson } from '../structured.ts'
import { refuseBlank } from '../texts.ts'
import { estimateRequestTokens, estimateTokens } from '../tokens.ts'

const PROVIDER = 'scripted'

/** One recorded answer. Only what a test cares about is given; the rest is filled plainly. */
export interface ScriptedAnswer extends Partial<Omit<Answer, 'text' | 'json'>> {
  /** A list is the pieces of a stream; whole, it is joined. */
  text?: string | string[]
  /** Stands for its JSON text. */
  json?: unknown
  /** Thrown instead of an answer; in a stream, after the pieces of `text`. */
  error?: Error
  /** Before the answer, and before every piece of a stream. */
  delayMs?: number
}

/** Answers in order of the calls, or one chosen by the request. */
export type Script = ScriptedAnswer[] | ((request: TextRequest<unknown>) => ScriptedAnswer)

export interface ScriptedLlm extends Llm {
  /** Every text request so far, in order of the calls. */
  requests: TextRequest<unknown>[]
  embedRequests: EmbedRequest[]
}

/** For tests: recorded answers, whole and streamed. Embeddings are hashed, in a space of their own. */
export function createScriptedLlm(script: Script = []): ScriptedLlm {
  const requests: TextRequest<unknown>[] = []
  const embedRequests: EmbedRequest[] = []
  const next = (request: TextRequest<unknown>): ScriptedAnswer => {
    requests.push(request)
    const step = typeof script === 'function' ? script(request) : script[requests.length - 1]
    if (!step)
      throw new Error(`The script has ${script.length} answers; call ${requests.length} (${request.feature}) has none.`)
    return step
  }
  return {
    requests,
    embedRequests,
    complete: async (request, { signal } = {}) => {
      signal?.throwIfAborted()
      const step = next(request)
      await pause(step, signal)
      if (step.error) throw step.error
      return toAnswer(request, step)
    },
    stream: (request, options) => play(request, next, options),
    embed: async (request, { signal } = {}) => {
      signal?.throwIfAborted()
      embedRequests.push(request)
      refuseBlank(request.texts)
      return {
        vectors: request.texts.map(embedByHashing),
        space: {
          id: `scripted:v1:${EMBEDDING_DIMENSIONS}`,
          provider: PROVIDER,
          model: 'scripted-embedding',
          dimensions: EMBEDDING_DIMENSIONS,
          sourceDimensions: EMBEDDING_DIMENSIONS,
          version: 'v1',
        },
        usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
        costUsd: 0,
        model: 'scripted-embedding',
        provider: PROVIDER,
        warnings: [],
      }
    },
    countTokens: async (request) => ({ tokens: estimateRequestTokens(request), estimated: true }),
  }
}

async function* play<T>(
  request: TextRequest<T>,
  next: (request: TextRequest<unknown>) => ScriptedAnswer,
  { signal }: CallOptions = {},
): AsyncGenerator<StreamEvent<T>> {
  signal?.throwIfAborted()
  const step = next(request)
  if (step.thinking) yield { type: 'thinking', text: step.thinking }
  for (const text of piecesOf(step)) {
    await pause(step, signal)
    yield { type: 'text', text }
    signal?.throwIfAborted()
  }
  if (step.error) throw step.error
  const answer = toAnswer(request, step)
  for (const call of answer.toolCalls) yield { type: 'tool-call', call }
  yield { type: 'end', answer }
}

function toAnswer<T>(request: TextRequest<T>, step: ScriptedAnswer): Answer<T> {
  const { text: _text, json: _json, error: _error, delayMs: _delayMs, ...given } = step
  const text = piecesOf(step).join('')
  const toolCalls: ToolCall[] = step.toolCalls ?? []
  const thinking = step.thinking ?? ''
  const content: Part[] = [
    ...(thinking ? [{ type: 'thinking' as const, text: thinking }] : []),
    ...(text ? [{ type: 'text' as const, text }] : []),
    ...toolCalls.map((call) => ({ type: 'toolUse' as const, ...call })),
  ]
  return withJson(request, {
    stopReason: toolCalls.length > 0 ? 'tool-use' : 'end',
    usage: {
      inputTokens: estimateRequestTokens(request),
      outputTokens: estimateTokens(text),
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
    },
    costUsd: 0,
    model: 'scripted',
    provider: PROVIDER,
    warnings: [],
    cached: false,
    message: { role: 'assistant', content },
    ...given,
    text,
    thinking,
    json: undefined,
    toolCalls,
  })
}

function piecesOf(step: ScriptedAnswer): string[] {
  if (step.json !== undefined) return [JSON.stringify(step.json)]
  return typeof step.text === 'string' ? [step.text] : (step.text ?? [])
}

async function pause(step: ScriptedAnswer, signal: AbortSignal | undefined): Promise<void> {
  if (step.delayMs !== undefined) await wait(step.delayMs, signal)
}
