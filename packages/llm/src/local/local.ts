import { LlmRefusedRequest } from '../errors.ts'
import { createLlm } from '../gateway/create-llm.ts'
import type { Llm, TextRequest, Usage } from '../llm.ts'
import { NO_USAGE } from '../provider.ts'
import type { Provider, Reply, Target } from '../provider.ts'
import { estimateRequestTokens, estimateTokens } from '../tokens.ts'
import { fillSchema } from './fill-schema.ts'
import { embedByHashing, LOCAL_SPACE } from './hashing-embedding.ts'
import { pickSentences } from './summary.ts'

const PROVIDER = 'local'
const TEXT_MODEL = 'local-extractive-v1'
/** Hashing has no vendor whose calls could be too large; this keeps one from blocking the process for long. */
const TEXTS_PER_CALL = 64

/**
 * No model, no key, no network: whole sentences picked from the last user text, and hashed embeddings. The same input gives
 * the same bytes. Whoever shows its output shows `provider` too. It truly costs nothing; its token counts are estimates.
 */
export function createLocalProvider(): Provider {
  return {
    name: PROVIDER,
    resolve: (name, kind) => targetFor(kind === 'text' ? TEXT_MODEL : LOCAL_SPACE.model, name),
    complete: async (request, _target, { signal }) => {
      signal?.throwIfAborted()
      return reply(request)
    },
    stream: async function* (request, _target, { signal }) {
      signal?.throwIfAborted()
      const whole = reply(request)
      for (const text of textOf(whole).split(/(?<=\n)/)) {
        yield { type: 'text', text }
        signal?.throwIfAborted()
      }
      yield { type: 'reply', reply: whole }
    },
    embed: async ({ texts }, _target, { signal }) => {
      signal?.throwIfAborted()
      const usage = usageOf(
        texts.reduce((sum, text) => sum + estimateTokens(text), 0),
        0,
      )
      return { vectors: texts.map(embedByHashing), space: LOCAL_SPACE, usage, warnings: [] }
    },
    textsPerCall: () => TEXTS_PER_CALL,
    countTokens: async (request, _target, { signal }) => {
      signal?.throwIfAborted()
      return { tokens: estimateRequestTokens(request), estimated: true }
    },
    close: () => undefined,
  }
}

/** The local provider alone. */
export const createLocalLlm = (): Llm => createLlm({ providers: [createLocalProvider()] })

function reply(request: TextRequest<unknown>): Reply {
  const source = lastUserText(request)
  const summary = pickSentences(source, request.maxTokens).join('\n')
  const text = request.schema ? JSON.stringify(fillSchema(request, source, summary)) : summary
  return {
    message: { role: 'assistant', content: [{ type: 'text', text }] },
    stopReason: 'end',
    usage: usageOf(estimateRequestTokens(request), estimateTokens(text)),
    warnings: request.tools?.length ? ['The local provider calls no tools.'] : [],
  }
}

const textOf = ({ message }: Reply): string =>
  message.content.map((part) => (part.type === 'text' ? part.text : '')).join('')

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

const usageOf = (inputTokens: number, outputTokens: number): Usage => ({ ...NO_USAGE, inputTokens, outputTokens })

const targetFor = (id: string, asked: string | undefined): Target => ({
  provider: PROVIDER,
  id,
  model: undefined,
  scope: 'region',
  free: true,
  warnings:
    asked === undefined || asked === id
      ? []
      : [`"${asked}" was asked for; ${id} answered, because the provider is local.`],
})
