import type { FastifyPluginAsync } from 'fastify'
import { takeAnyBody } from '../model-api/json-body.ts'
import type { WebParts } from '../parts.ts'
import { chat } from './chat.ts'
import { embed } from './embed.ts'
import { answerError, Refusal } from './errors.ts'
import { models } from './models.ts'

/** Models are chosen by the operator: these are refused, so that nobody waits for what does not happen. */
const refused = [
  ['POST', '/api/pull'],
  ['POST', '/api/push'],
  ['POST', '/api/create'],
  ['POST', '/api/copy'],
  ['DELETE', '/api/delete'],
] as const

/**
 * The HTTP API of Ollama (its docs/api.md and api/types.go, version 0.33) in front of our models. A client's host is
 * the address of this prefix, its token one of our API tokens; what asks a model needs one that may write, for it costs money.
 */
export const ollama: FastifyPluginAsync<WebParts> = async (api, parts) => {
  takeAnyBody(api)
  api.setErrorHandler(answerError)
  for (const routes of [models, chat, embed]) await routes(api, parts)
  for (const [method, url] of refused) {
    api.route({
      method,
      url,
      schema: { hide: true },
      handler: async () => {
        throw new Refusal(
          501,
          'models are chosen by the operator of this server: none can be pulled, pushed, made or deleted',
        )
      },
    })
  }
  // In the words of Ollama's router.
  api.setNotFoundHandler((request, reply) => {
    const url = request.url.split('?', 1)[0] ?? ''
    const allowed = (['GET', 'HEAD', 'POST', 'DELETE'] as const).filter((method) => api.hasRoute({ method, url }))
    reply.type('text/plain')
    if (allowed.length === 0) return reply.status(404).send('404 page not found')
    return reply.status(405).header('allow', allowed.join(', ')).send('405 method not allowed')
  })
}
