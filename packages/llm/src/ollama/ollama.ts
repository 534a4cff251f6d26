import { findModel } from '../catalogue.ts'
import type { Catalogue } from '../catalogue.ts'
import { LlmTimeout, LlmTruncatedStream } from '../errors.ts'
import { withIdleTimeout } from '../idle.ts'
import type { TextRequest } from '../llm.ts'
import type { Piece, Provider, Reply, Target } from '../provider.ts'
import { estimateRequestTokens } from '../tokens.ts'
import { createAbilities } from './abilities.ts'
import { readChunks } from './chunks.ts'
import { readEmbeddings, TEXTS_PER_CALL, toEmbedBody } from './embed.ts'
import { createOllamaHttp, readText } from './http.ts'
import type { OllamaAddress } from './http.ts'
import { readLines } from './lines.ts'
import { toChat } from './request.ts'

export interface OllamaOptions extends Omit<OllamaAddress, 'connectTimeoutMs'> {
  /** For requests that name no model. */
  model?: string | undefined
  embeddingModel?: string | undefined
  /** Limits of models that an operator has entered by their Ollama names. */
  catalogue?: Catalogue | undefined
  /** Tokens that question and answer may have together: the model's memory grows with it. A longer question is refused. */
  contextTokens?: number | undefined
  connectTimeoutMs?: number | undefined
  /** The most that may pass before the first bytes, while a model is loaded and reads, and between two pieces. */
  idleTimeoutMs?: number | undefined
  /** The most that one attempt of a whole answer or of embeddings may take. */
  requestTimeoutMs?: number | undefined
}

const PROVIDER = 'ollama'
/** Of one line; Ollama's own client reads lines up to this length. */
const MAX_LINE_BYTES = 8 * 1_048_576

/** A server that speaks Ollama's API. Answers are always streamed, so that no silence is longer than the model's own. */
export function createOllamaProvider(options: OllamaOptions): Provider {
  const { model = 'llama3.2', embeddingModel = 'nomic-embed-text', connectTimeoutMs = 10_000 } = options
  const { contextTokens = 16_384, idleTimeoutMs = 300_000, requestTimeoutMs = 900_000 } = options
  const http = createOllamaHttp({ url: options.url, headers: options.headers, connectTimeoutMs })
  const abilities = createAbilities(http)

  async function* stream(request: TextRequest<unknown>, target: Target, signal?: AbortSignal): AsyncGenerator<Piece> {
    const context = contextOf(target, contextTokens)
    const prepared = toChat(request, target, context)
    signal?.throwIfAborted()
    const { body, warnings } = await abilities.adapt(prepared, signal)
    const abort = new AbortController()
    const either = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal
    const source = () => http.post('/api/chat', body, either)
    try {
      const bytes = withIdleTimeout(source, { idleTimeoutMs, name: target.id, abort })
      for await (const piece of readChunks(readLines(bytes, MAX_LINE_BYTES), body)) {
        if (piece.type !== 'reply') yield piece
        else
          yield {
            type: 'reply',
            reply: withWarnings(piece.reply, [...warnings, ...cutWarnings(request, piece.reply, context)]),
          }
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }

  /** The work with a deadline. */
  const within = async <T>(
    name: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ) => {
    signal?.throwIfAborted()
    const deadline = AbortSignal.timeout(requestTimeoutMs)
    try {
      return await work(signal ? AbortSignal.any([signal, deadline]) : deadline)
    } catch (error) {
      signal?.throwIfAborted()
      if (deadline.aborted) throw new LlmTimeout(`${name}: no answer within ${requestTimeoutMs} ms.`, { cause: error })
      throw error
    }
  }

  return {
    name: PROVIDER,
    resolve: (name, kind) => {
      const id = name ?? (kind === 'text' ? model : embeddingModel)
      const listed = options.catalogue && findModel(options.catalogue, id)
      return { provider: PROVIDER, id, model: listed, scope: 'region', warnings: [], free: true }
    },
    complete: (request, target, { signal }) =>
      within(target.id, signal, async (either) => {
        for await (const piece of stream(request, target, either)) if (piece.type === 'reply') return piece.reply
        throw new LlmTruncatedStream(`${target.id}: the stream ended without its last piece.`)
      }),
    stream: (request, target, { signal }) => stream(request, target, signal),
    embed: (request, target, { signal }) =>
      within(target.id, signal, async (either) => {
        const bytes = await http.post('/api/embed', toEmbedBody(request, target), either)
        return readEmbeddings(await readText(bytes), request.texts.length, target)
      }),
    textsPerCall: () => TEXTS_PER_CALL,
    // Ollama counts only by answering.
    countTokens: async (request) => ({ tokens: estimateRequestTokens(request), estimated: true }),
    close: () => http.close(),
  }
}

/** A model that is known to hold less would be given a longer question than it can read. */
const contextOf = ({ model }: Target, contextTokens: number): number =>
  Math.min(contextTokens, (model?.kind === 'text' ? model.contextTokens : null) ?? Infinity)

const withWarnings = (reply: Reply, warnings: string[]): Reply => ({ ...reply, warnings })

/** Older servers cut what is too long although they are told not to; that is seen from outside only by the lengths. */
function cutWarnings(request: TextRequest<unknown>, { usage }: Reply, context: number): string[] {
  const estimate = estimateRequestTokens(request)
  if (estimate <= context && (usage?.inputTokens ?? 0) < context) return []
  const read = usage ? `${usage.inputTokens} were read` : 'how many were read is not known'
  return [
    `The question has about ${estimate} tokens and ${context} are held; ${read}: an older Ollama may have left out its beginning.`,
  ]
}
