import { LlmRefusedRequest } from '../errors.ts'
import type { Answer, Llm, TextRequest } from '../llm.ts'
import { withJson } from '../structured.ts'
import { refuseBlank } from '../texts.ts'
import { estimateRequestTokens, estimateTokens } from '../tokens.ts'
import { fillSchema } from './fill-schema.ts'
import { embedByHashing, LOCAL_SPACE } from './hashing-embedding.ts'
import { pickSentences } from './summary.ts'

const PROVIDER = 'local'
const TEXT_MODEL = 'local-extractive-v1'

/**
 * No model, no key, no network: whole sentences picked from the last user text, and hashed embeddings. The same input gives
 * the same bytes. Whoever shows its output shows `provider` too. It truly costs nothing; its token counts are estimates.
 */
export function createLocalLlm(): Llm {
  return {
    complete: async (request, { signal } = {}) => {
      signal?.throwIfAborted()
      return answer(request)
    },
    stream: async function* (request, { signal } = {}) {
      signal?.throwIfAborted()
      const whole = answer(request)
      for (const text of whole.text.split(/(?<=\n)/)) {
        yield { type: 'text', text }
        signal?.throwIfAborted()
      }
      yield { type: 'end', answer: whole }
    },
    embed: async (request, { signal } = {}) => {
      signal?.throwIfAborted()
      refuseBlank(request.texts)
      return {
        vectors: request.texts.map(embedByHashing),
        space: LOCAL_SPACE,
        usage: usage(
          request.texts.reduce((sum, text) => sum + estimateTokens(text), 0),
          0,
        ),
        costUsd: 0,
        model: LOCAL_SPACE.model,
        provider: PROVIDER,
        warnings: otherModel(request.model, LOCAL_SPACE.model),
      }
    },
    countTokens: async (request, { signal } = {}) => {
      signal?.throwIfAborted()
      return estimateRequestTokens(request)
    },
  }
}

function answer<T>(request: TextRequest<T>): Answer<T> {
  const source = lastUserText(request)
  const summary = pickSentences(source, request.maxTokens).join('\n')
  const text = request.schema ? JSON.stringify(fillSchema(request, source, summary)) : summary
  const warnings = otherModel(request.model, TEXT_MODEL)
  if (request.tools?.length) warnings.push('The local provider calls no tools.')
  return withJson(request, {
    text,
    json: undefined,
    toolCalls: [],
    stopReason: 'end',
    usage: usage(estimateRequestTokens(request), estimateTokens(text)),
    costUsd: 0,
    model: TEXT_MODEL,
    provider: PROVIDER,
    warnings,
  })
}

function lastUserText(request: TextRequest<unknown>): string {
  const parts = request.messages.findLast((message) => message.role === 'user')?.content ?? []
  const text = parts
    .filter((part) => part.type === 'text')
    .map((part) => part.text)
    .join('\n\n')
  if (text.trim() === '')
    throw new LlmRefusedRequest('The local provider reads text, and the last user message has none.')
  return text
}

const usage = (inputTokens: number, outputTokens: number) => ({
  inputTokens,
  outputTokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
})

const otherModel = (asked: string | undefined, model: string): string[] =>
  asked === undefined || asked === model
    ? []
    : [`"${asked}" was asked for; ${model} answered, because the provider is local.`]
