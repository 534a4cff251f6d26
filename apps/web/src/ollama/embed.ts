import type { ListedModel } from '@dayshift/llm'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { openCall } from '../model-api/call.ts'
import { MOST_BODY_BYTES } from '../model-api/json-body.ts'
import { findModel } from '../model-api/listing.ts'
import { spentHeaders } from '../model-api/spent.ts'
import { shorten } from '../model-api/vectors.ts'
import type { WebParts } from '../parts.ts'
import { Refusal } from './errors.ts'
import { keepAliveS } from './keep-alive.ts'
import { readOptions } from './options.ts'
import { EmbeddingRequest, EmbedRequest } from './requests.ts'
import { unmarshal } from './unmarshal.ts'

const options = { schema: { hide: true }, bodyLimit: MOST_BODY_BYTES }
type Given = z.output<typeof EmbeddingRequest> | z.output<typeof EmbedRequest>

/** `/api/embed` and the older `/api/embeddings`. A text that is too long is refused, whatever `truncate` says. */
export const embed: FastifyPluginAsync<WebParts> = async (api, parts) => {
  const modelOf = (name: string, notFound: string): ListedModel => {
    const model = findModel(parts, name)
    if (!model) throw new Refusal(404, notFound)
    if (model.kind !== 'embedding') throw new Refusal(400, `"${name}" does not support embeddings`)
    return model
  }
  const askFor = async (
    texts: string[],
    model: ListedModel,
    given: Given,
    request: FastifyRequest,
    reply: FastifyReply,
  ) => {
    const warnings: string[] = []
    readOptions(given.options, model.provider, warnings)
    const asked = { feature: 'ollama.embed', model: model.name, texts, purpose: 'document' as const }
    const answer = await parts.context.llm.embed(asked, openCall(request, reply).options)
    reply.headers(spentHeaders(answer, warnings))
    return answer
  }

  api.post('/api/embed', options, async (request, reply) => {
    const start = process.hrtime.bigint()
    const given = unmarshal(EmbedRequest, 'EmbedRequest', request.body)
    const name = given.model ?? ''
    const texts = readInput(given.input)
    const model = modelOf(name, `model '${name}' not found`)
    keepAliveS(given.keep_alive)
    if (texts.length === 0) return { model: name, embeddings: [] }
    const asked = process.hrtime.bigint()
    const { vectors, usage } = await askFor(texts, model, given, request, reply)
    return {
      model: name,
      embeddings: vectors.map((vector) => [...shorten(vector, given.dimensions)]),
      total_duration: Number(process.hrtime.bigint() - start),
      load_duration: Number(asked - start),
      prompt_eval_count: usage.inputTokens || undefined,
    }
  })

  api.post('/api/embeddings', options, async (request, reply) => {
    const given = unmarshal(EmbeddingRequest, 'EmbeddingRequest', request.body)
    const name = given.model ?? ''
    if (name === '') throw new Refusal(400, 'model is required')
    const model = modelOf(name, `model "${name}" not found, try pulling it first`)
    keepAliveS(given.keep_alive)
    if (!given.prompt) return { embedding: [] }
    const { vectors } = await askFor([given.prompt], model, given, request, reply)
    return { embedding: [...vectors[0]!] }
  })
}

function readInput(input: unknown): string[] {
  if (input === undefined || input === null || input === '') return []
  if (typeof input === 'string') return [input]
  if (Array.isArray(input) && input.every((text) => typeof text === 'string')) return input
  throw new Refusal(400, 'invalid input type')
}
