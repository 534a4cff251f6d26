import type { ListedModel } from '@dayshift/llm'
import type { FastifyPluginAsync } from 'fastify'
import { findModel, listModels } from '../model-api/listing.ts'
import type { WebParts } from '../parts.ts'
import { noSuchModel } from './errors.ts'

const options = { schema: { hide: true } }

/** `GET /models` and `GET /models/:name`. */
export const models: FastifyPluginAsync<WebParts> = async (api, parts) => {
  api.get('/models', options, async () => ({ object: 'list', data: listModels(parts).map(card) }))

  api.get<{ Params: { '*': string } }>('/models/*', options, async ({ params: { '*': name } }) => {
    const model = findModel(parts, name)
    if (!model) throw noSuchModel(name)
    return { ...card(model), id: name }
  })
}

const card = ({ name, modifiedAt, provider }: ListedModel) => ({
  id: name,
  object: 'model',
  created: Math.floor(modifiedAt.getTime() / 1000),
  owned_by: provider,
})
