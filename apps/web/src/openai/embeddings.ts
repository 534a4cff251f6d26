import { EMBEDDING_DIMENSIONS } from '@dayshift/llm'
import type { FastifyPluginAsync } from 'fastify'
import { openCall } from '../model-api/call.ts'
import { MOST_BODY_BYTES } from '../model-api/json-body.ts'
import { findModel } from '../model-api/listing.ts'
import { spentHeaders } from '../model-api/spent.ts'
import { shorten } from '../model-api/vectors.ts'
import type { WebParts } from '../parts.ts'
import { noSuchModel, Unusable } from './errors.ts'
import { EmbeddingsRequest, parseBody } from './requests.ts'

/** `POST /embeddings`. OpenAI's own clients ask for base64 unless they are told otherwise. */
export const embeddings: FastifyPluginAsync<WebParts> = async (api, parts) => {
  api.post('/embeddings', { schema: { hide: true }, bodyLimit: MOST_BODY_BYTES }, async (request, reply) => {
    const { model: name, input, dimensions, encoding_format: encoding } = parseBody(EmbeddingsRequest, request.body)
    const model = findModel(parts, name)
    if (!model) throw noSuchModel(name)
    if (model.kind !== 'embedding') throw new Unusable(`The model '${name}' makes no embeddings.`, 'model')
    if (dimensions && dimensions > EMBEDDING_DIMENSIONS) {
      throw new Unusable(`Vectors have ${EMBEDDING_DIMENSIONS} dimensions; ${dimensions} were asked for.`, 'dimensions')
    }
    const asked = {
      feature: 'openai.embeddings',
      model: model.name,
      texts: [input].flat(),
      purpose: 'document' as const,
    }
    const answer = await parts.context.llm.embed(asked, openCall(request, reply).options)
    reply.headers(spentHeaders(answer, []))
    const { inputTokens } = answer.usage
    return {
      object: 'list',
      data: answer.vectors.map((vector, index) => {
        const short = shorten(vector, dimensions)
        return { object: 'embedding', index, embedding: encoding === 'base64' ? base64Of(short) : [...short] }
      }),
      model: name,
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    }
  })
}

/** 32-bit floats, the low byte first. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [i, value] of vector.entries()) bytes.writeFloatLE(value, i * 4)
  return bytes.toString('base64')
}
