import type { ListedModel } from '@dayshift/llm'
import { createHash } from 'node:crypto'
import type { FastifyPluginAsync } from 'fastify'
import { findModel, listModels } from '../model-api/listing.ts'
import type { WebParts } from '../parts.ts'
import { Refusal } from './errors.ts'
import { ShowRequest } from './requests.ts'
import { unmarshal } from './unmarshal.ts'

/** Of Ollama, whose API this is: clients ask before they use what is newer. */
const VERSION = '0.33.0'
/** Nothing is loaded and nothing expires; clients want a date. */
const NEVER = '2318-01-01T00:00:00Z'

const options = { schema: { hide: true } }

/** What there is: `/api/tags`, `/api/show`, `/api/ps`, `/api/version`, and the greeting that clients look for. */
export const models: FastifyPluginAsync<WebParts> = async (api, parts) => {
  api.get('/', options, (_request, reply) => reply.type('text/plain; charset=utf-8').send('Ollama is running'))

  api.get('/api/version', options, async () => ({ version: VERSION }))

  api.get('/api/tags', options, async () => ({
    models: listModels(parts).map((model) => ({
      ...identity(model),
      modified_at: model.modifiedAt.toISOString(),
      details: details(model),
      capabilities: capabilities(model),
    })),
  }))

  // Every model answers at once, as one does that Ollama has loaded.
  api.get('/api/ps', options, async () => ({
    models: listModels(parts).map((model) => ({
      ...identity(model),
      details: details(model),
      expires_at: NEVER,
      size_vram: 0,
      context_length: model.contextTokens ?? 0,
    })),
  }))

  api.post('/api/show', options, (request) => {
    const given = unmarshal(ShowRequest, 'ShowRequest', request.body)
    const name = given.model || given.name
    if (!name) throw new Refusal(400, 'model is required')
    const model = findModel(parts, name)
    if (!model) throw new Refusal(404, `model '${name}' not found`)
    return {
      modelfile: '',
      parameters: '',
      template: '',
      details: details(model),
      model_info: {
        'general.architecture': model.family,
        'general.basename': model.id,
        ...(model.contextTokens !== null && { [`${model.family}.context_length`]: model.contextTokens }),
        ...(model.embeddingDimensions !== null && { [`${model.family}.embedding_length`]: model.embeddingDimensions }),
      },
      capabilities: capabilities(model),
      modified_at: model.modifiedAt.toISOString(),
    }
  })
}

/** Ollama lists every name with a tag, and so do clients compare them. */
function identity({ name, id }: ListedModel): { name: string; model: string; size: number; digest: string } {
  const tagged = name.includes(':') ? name : `${name}:latest`
  return { name: tagged, model: tagged, size: 0, digest: createHash('sha256').update(`${id}\n${name}`).digest('hex') }
}

const details = ({ provider, family, contextTokens, embeddingDimensions }: ListedModel) => ({
  parent_model: '',
  format: provider,
  family,
  families: [family],
  parameter_size: '',
  quantization_level: '',
  ...(contextTokens !== null && { context_length: contextTokens }),
  ...(embeddingDimensions !== null && { embedding_length: embeddingDimensions }),
})

function capabilities({ kind, capabilities: { tools, images, thinking } }: ListedModel): string[] {
  if (kind === 'embedding') return ['embedding']
  return ['completion', ...(tools ? ['tools'] : []), ...(images ? ['vision'] : []), ...(thinking ? ['thinking'] : [])]
}
