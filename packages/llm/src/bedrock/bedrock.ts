import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime'
import type { BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { defaultCatalogue } from '../catalogue.ts'
import type { Catalogue } from '../catalogue.ts'
import { mapConcurrently } from '../concurrency.ts'
import { costOf } from '../cost.ts'
import { LlmRefusedRequest, LlmTimeout } from '../errors.ts'
import { withIdleTimeout } from '../idle.ts'
import type { CallOptions, Llm, StreamEvent, TextRequest } from '../llm.ts'
import { retry, retryStream } from '../retry.ts'
import type { RetryOptions } from '../retry.ts'
import { refuseBlank } from '../texts.ts'
import { estimateRequestTokens } from '../tokens.ts'
import { PROVIDER, readBlocks, toAnswer } from './answer.ts'
import { toLlmError } from './errors.ts'
import { resolveModel } from './model-id.ts'
import { toConverse } from './request.ts'
import { readFrames } from './stream.ts'
import { readTitanAnswer, titanSpace, toTitanBody } from './titan.ts'

export interface BedrockOptions {
  region: string
  /** For requests that name no model: a catalogue id, an alias, an inference profile or an ARN. */
  modelId: string
  embeddingModelId?: string | undefined
  /** Instead of AWS's own, for a private endpoint or a test. */
  endpoint?: string | undefined
  /** Instead of the SDK's own search for them. */
  credentials?: BedrockRuntimeClientConfig['credentials']
  catalogue?: Catalogue
  /** The most that may pass before the first piece of a stream and between two. */
  idleTimeoutMs?: number
  /** The most that one attempt of a whole answer may take. */
  requestTimeoutMs?: number
  connectTimeoutMs?: number
  /** Texts embedded at the same time: Titan takes one in a call. */
  embedConcurrency?: number
  retries?: Partial<Pick<RetryOptions, 'attempts' | 'baseMs' | 'maxMs' | 'random'>>
  clock?: () => Date
}

export interface BedrockLlm extends Llm {
  /** Closes idle connections. */
  close(): void
}

const DEFAULT_EMBEDDING_MODEL = 'amazon.titan-embed-text-v2:0'
const MAX_SOCKETS = 1_024

/** Amazon Bedrock through Converse, ConverseStream and InvokeModel. Retries are ours alone: the SDK makes one attempt. */
export function createBedrockLlm(options: BedrockOptions): BedrockLlm {
  const { idleTimeoutMs = 120_000, requestTimeoutMs = 300_000, embedConcurrency = 8 } = options
  const { region, catalogue = defaultCatalogue, clock = () => new Date() } = options
  const client = createClient(options)
  const resolve = (name: string) => resolveModel(name, { catalogue, region, now: clock() })
  const retrying = (signal: AbortSignal | undefined): RetryOptions => ({
    attempts: 4,
    baseMs: 500,
    maxMs: 20_000,
    ...options.retries,
    signal,
  })

  /** One call with its deadline and its retries, its errors in our words. */
  const call = <T>(name: string, { signal }: CallOptions, send: (abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
    retry(async () => {
      signal?.throwIfAborted()
      const deadline = AbortSignal.timeout(requestTimeoutMs)
      try {
        return await send(signal ? AbortSignal.any([signal, deadline]) : deadline)
      } catch (error) {
        signal?.throwIfAborted()
        if (deadline.aborted)
          throw new LlmTimeout(`${name}: no answer within ${requestTimeoutMs} ms.`, { cause: error })
        throw toLlmError(error, name)
      }
    }, retrying(signal))

  async function* stream<T>(request: TextRequest<T>, { signal }: CallOptions = {}): AsyncGenerator<StreamEvent<T>> {
    const resolved = resolve(request.model ?? options.modelId)
    const { input, warnings } = toConverse(request, resolved)
    const open = async function* () {
      signal?.throwIfAborted()
      const abort = new AbortController()
      const abortSignal = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal
      const source = async () =>
        (await client.send(new ConverseStreamCommand(input), { abortSignal })).stream ?? nothing()
      try {
        yield* readFrames(withIdleTimeout(source, { idleTimeoutMs, name: resolved.id, abort }), resolved.id)
      } catch (error) {
        signal?.throwIfAborted()
        throw toLlmError(error, resolved.id)
      }
    }
    for await (const piece of retryStream(open, retrying(signal))) {
      if (piece.type === 'given') yield { type: 'end', answer: toAnswer(request, piece.given, resolved, warnings) }
      else yield piece
    }
  }

  return {
    complete: async (request, callOptions = {}) => {
      const resolved = resolve(request.model ?? options.modelId)
      const { input, warnings } = toConverse(request, resolved)
      const output = await call(resolved.id, callOptions, (abortSignal) =>
        client.send(new ConverseCommand(input), { abortSignal }),
      )
      const given = {
        ...readBlocks(output.output?.message?.content ?? []),
        stopReason: output.stopReason,
        usage: output.usage,
      }
      return toAnswer(request, given, resolved, warnings)
    },
    stream,
    embed: async (request, callOptions = {}) => {
      refuseBlank(request.texts)
      const resolved = resolve(request.model ?? options.embeddingModelId ?? DEFAULT_EMBEDDING_MODEL)
      if (resolved.model?.family !== 'titan') {
        throw new LlmRefusedRequest(`${resolved.id} cannot embed here: expected ${DEFAULT_EMBEDDING_MODEL}.`)
      }
      const bodies = request.texts.map(toTitanBody)
      const results = await mapConcurrently(bodies, embedConcurrency, (body) =>
        call(resolved.id, callOptions, async (abortSignal) => {
          const command = new InvokeModelCommand({
            modelId: resolved.id,
            contentType: 'application/json',
            accept: 'application/json',
            body,
          })
          const output = await client.send(command, { abortSignal })
          return readTitanAnswer(output.body.transformToString(), resolved.id)
        }),
      )
      const inputTokens = results.reduce((sum, result) => sum + result.inputTokens, 0)
      const usage = { inputTokens, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }
      const cost = costOf(resolved.model, resolved.id, resolved.scope, usage)
      return {
        vectors: results.map((result) => result.vector),
        space: titanSpace(resolved.model.id, PROVIDER),
        usage,
        costUsd: cost.costUsd,
        model: resolved.id,
        provider: PROVIDER,
        warnings: [...resolved.warnings, ...cost.warnings],
      }
    },
    countTokens: async (request, callOptions = {}) => {
      const resolved = resolve(request.model ?? options.modelId)
      const { messages, system, toolConfig } = toConverse(request, resolved).input
      const converse = { messages, ...(system ? { system } : {}), ...(toolConfig ? { toolConfig } : {}) }
      try {
        const output = await call(resolved.id, callOptions, (abortSignal) =>
          client.send(new CountTokensCommand({ modelId: resolved.id, input: { converse } }), { abortSignal }),
        )
        return output.inputTokens ?? estimateRequestTokens(request)
      } catch (error) {
        // Not every model counts; the vendor then calls the request invalid.
        if (error instanceof LlmRefusedRequest) return estimateRequestTokens(request)
        throw error
      }
    },
    close: () => client.destroy(),
  }
}

function createClient({
  region,
  endpoint,
  credentials,
  connectTimeoutMs = 5_000,
}: BedrockOptions): BedrockRuntimeClient {
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS }
  return new BedrockRuntimeClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: 1,
    // HTTP/1.1: the SDK's default here is HTTP/2, where one broken connection takes all streams with it.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectTimeoutMs,
      httpAgent: sockets,
      httpsAgent: sockets,
    }),
  })
}

async function* nothing(): AsyncGenerator<never> {}
