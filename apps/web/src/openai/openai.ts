import type { FastifyPluginAsync } from 'fastify'
import { takeAnyBody } from '../model-api/json-body.ts'
import type { WebParts } from '../parts.ts'
import { chat } from './chat.ts'
import { embeddings } from './embeddings.ts'
import { answerError, Unusable } from './errors.ts'
import { models } from './models.ts'

/**
 * What of OpenAI's HTTP API (platform.openai.com/docs/api-reference) most programs use: chat completions, embeddings, models.
 * A client's base URL is the address of this prefix, its key one of our API tokens; what asks a model needs one that may write.
 */
export const openai: FastifyPluginAsync<WebParts> = async (api, parts) => {
  takeAnyBody(api)
  api.setErrorHandler(answerError)
  for (const routes of [chat, embeddings, models]) await routes(api, parts)
  api.setNotFoundHandler((request) => {
    const [url = ''] = request.url.split('?', 1)
    const other = (['GET', 'POST'] as const).find(
      (method) => method !== request.method && api.hasRoute({ method, url }),
    )
    const message = other
      ? `Not allowed: ${request.method} ${url}. Use ${other}.`
      : `Unknown request URL: ${request.method} ${url}.`
    throw new Unusable(message, null, { status: other ? 405 : 404, code: other ? 'method_not_allowed' : 'unknown_url' })
  })
}
