import {
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { defaultCatalogue } from '../catalogue.ts'
import type { Catalogue } from '../catalogue.ts'
import { LlmAnswerInvalid, LlmRefusedRequest } from '../errors.ts'
import { withIdleTimeout } from '../idle.ts'
import type { TextRequest } from '../llm.ts'
import type { Attempt, Piece, Provider, Reply, Target } from '../provider.ts'
import { relay } from '../relay.ts'
import { estimateRequestTokens } from '../tokens.ts'
import { createClient } from './client.ts'
import type { ClientOptions, HttpAnswer } from './client.ts'
import { embedWith, textsPerCall } from './embeddings/index.ts'
import { toLlmError } from './errors.ts'
import { limited, linked } from './limited.ts'
import { requestMetadataOf } from './metadata.ts'
import { checkKind, PROVIDER, resolveModel } from './model-id.ts'
import { readReply } from './reply.ts'
import { toConverse } from './request.ts'
import { createFrameReader } from './stream.ts'

export interface BedrockOptions extends ClientOptions {
  /** For requests that name no model: a catalogue id, an alias, an inference profile or an ARN. */
  modelId: string
  embeddingModelId?: string | undefined
  /** Looked at by Bedrock before and after the model, for every text request. */
  guardrail?: { id: string; version: string } | undefined
  catalogue?: Catalogue
  /** The most that may pass before the first piece of a stream and between two. */
  idleTimeoutMs?: number
  /** The most that a whole answer may take. */
  requestTimeoutMs?: number
  clock?: () => Date
}

const DEFAULT_EMBEDDING_MODEL = 'amazon.titan-embed-text-v2:0'

/** Amazon Bedrock through Converse, ConverseStream and InvokeModel, one attempt each time. */
export function createBedrockProvider(options: BedrockOptions): Provider {
  const { idleTimeoutMs = 120_000, requestTimeoutMs = 300_000 } = options
  const { region, guardrail, catalogue = defaultCatalogue, clock = () => new Date() } = options
  const client = createClient(options)

  /** One call with its deadline, its errors in our words. */
  const call = <T>(name: string, { signal }: Attempt, send: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    limited({ name, timeoutMs: requestTimeoutMs, signal }, async (abortSignal) => {
      try {
        return await send(abortSignal)
      } catch (error) {
        throw toLlmError(error, name)
      }
    })

  const prepare = (request: TextRequest<unknown>, target: Target, { callId }: Attempt) => {
    const { input, warnings } = toConverse(request, target)
    const requestMetadata = requestMetadataOf(callId, request.feature)
    const guardrailConfig = guardrail && {
      guardrailIdentifier: guardrail.id,
      guardrailVersion: guardrail.version,
    }
    return { input: { ...input, requestMetadata, ...(guardrailConfig ? { guardrailConfig } : {}) }, warnings }
  }

  const complete = async (request: TextRequest<unknown>, target: Target, attempt: Attempt): Promise<Reply> => {
    const { input, warnings } = prepare(request, target, attempt)
    const output = await call(target.id, attempt, (abortSignal) =>
      client.send(new ConverseCommand(input), { abortSignal }),
    )
    return readReply(output, target.id, warnings)
  }

  const stream = (request: TextRequest<unknown>, target: Target, attempt: Attempt): AsyncIterable<Piece> => {
    if (refusesToolsInStreams(request, target)) return inPieces(() => complete(request, target, attempt), target)
    const { signal } = attempt
    const { abort, release } = linked(signal)
    const warnings: string[] = []
    const reader = createFrameReader(target.id, warnings)
    let begun = false
    const source = async () => {
      const prepared = prepare(request, target, attempt)
      warnings.push(...prepared.warnings)
      signal?.throwIfAborted()
      const output = await client.send(new ConverseStreamCommand(prepared.input), { abortSignal: abort.signal })
      begun = true
      if (!output.stream) throw new LlmAnswerInvalid(`${target.id}: the answer holds no stream.`)
      return output.stream
    }
    return relay(withIdleTimeout(source, { idleTimeoutMs, name: target.id, abort }), {
      read: (frame) => reader.read(frame),
      end: () => {
        release()
        return reader.end()
      },
      failed: async (error) => {
        release()
        abort.abort()
        signal?.throwIfAborted()
        throw toLlmError(error, target.id, begun)
      },
      left: release,
    })
  }

  return {
    name: PROVIDER,
    resolve: (name, kind) => {
      const own = kind === 'text' ? options.modelId : (options.embeddingModelId ?? DEFAULT_EMBEDDING_MODEL)
      const target = resolveModel(name ?? own, { catalogue, region, now: clock() })
      checkKind(target, kind)
      return target
    },
    complete,
    stream,
    embed: (request, target, attempt) => {
      const requestMetadata = JSON.stringify(requestMetadataOf(attempt.callId, request.feature ?? 'embed'))
      const send = (body: string) =>
        call(target.id, attempt, async (abortSignal) => {
          const command = new InvokeModelCommand({
            modelId: target.id,
            contentType: 'application/json',
            accept: 'application/json',
            body,
            requestMetadata,
          })
          let headers: Record<string, string> = {}
          // The token count of some models is in a header, which the SDK's output does not have.
          command.middlewareStack.add(
            (next) => async (args) => {
              const result = await next(args)
              headers = (result.response as HttpAnswer).headers
              return result
            },
            { step: 'deserialize', name: 'readHeaders' },
          )
          const output = await client.send(command, { abortSignal })
          return { body: output.body.transformToString(), headers }
        })
      return embedWith(send, request, target)
    },
    textsPerCall,
    countTokens: async (request, target, attempt) => {
      const { messages, system, toolConfig } = toConverse(request, target).input
      const converse = { messages, ...(system ? { system } : {}), ...(toolConfig ? { toolConfig } : {}) }
      try {
        const { inputTokens } = await call(target.id, attempt, (abortSignal) =>
          client.send(new CountTokensCommand({ modelId: target.id, input: { converse } }), { abortSignal }),
        )
        if (inputTokens !== undefined) return { tokens: inputTokens, estimated: false }
      } catch (error) {
        // Not every model counts; the vendor then calls the request invalid.
        if (!(error instanceof LlmRefusedRequest)) throw error
      }
      return { tokens: estimateRequestTokens(request), estimated: true }
    },
    close: () => client.destroy(),
  }
}

const refusesToolsInStreams = ({ tools }: TextRequest<unknown>, { model }: Target): boolean =>
  model?.kind === 'text' && !model.capabilities.toolsInStreams && tools !== undefined && tools.length > 0

/** A whole answer as a stream that comes at once. */
async function* inPieces(whole: () => Promise<Reply>, { model, id }: Target): AsyncGenerator<Piece> {
  const reply = await whole()
  for (const part of reply.message.content) {
    if (part.type === 'text' || part.type === 'thinking') yield { type: part.type, text: part.text }
    if (part.type === 'toolUse') yield { type: 'tool-call', call: { id: part.id, name: part.name, input: part.input } }
  }
  const warnings = [...reply.warnings, `${model?.name ?? id} does not stream with tools: the answer came whole.`]
  yield { type: 'reply', reply: { ...reply, warnings } }
}
