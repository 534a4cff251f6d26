import { DomainError } from '@dayshift/domain/errors'
import { SessionStoreUnavailable, type Limiter } from '@dayshift/session'
import type { FastifyReply } from 'fastify'
import plugin from 'fastify-plugin'
import type { WebParts } from '../parts.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False for what a load balancer asks: it must not look ill because others ask much. */
    limited?: false
  }
}

class TooManyRequests extends DomainError {
  override name = 'TooManyRequests'
  readonly code = 'too-many-requests'
}

/** Requests per account, or per address of nobody. While the store is away reading goes on; signing in does not. */
export const limits = plugin<WebParts>((server, { requestLimiter }) => {
  server.addHook('onRequest', async (request, reply) => {
    if (!/^\/(api|ollama|openai|v1)\//.test(request.url) || request.routeOptions.config.limited === false) return
    const key = request.caller ? `account ${request.caller.account.id}` : `address ${request.ip}`
    try {
      await takeOrRefuse(requestLimiter, key, reply)
    } catch (error) {
      if (!(error instanceof SessionStoreUnavailable)) throw error
      request.log.warn('rate limits are off: the store does not answer')
    }
  })
  return Promise.resolve()
})

/** Takes `cost` from the limit and says in the headers what is left. Throws TooManyRequests, SessionStoreUnavailable. */
export async function takeOrRefuse(limiter: Limiter, key: string, reply: FastifyReply, cost = 1): Promise<void> {
  const { allowed, remaining, resetAfterMs, retryAfterMs } = await limiter.take(key, cost)
  reply.header('ratelimit-remaining', remaining).header('ratelimit-reset', Math.ceil(resetAfterMs / 1000))
  if (allowed) return
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  reply.header('retry-after', seconds)
  throw new TooManyRequests(`Too many requests. Try again in ${seconds} s.`)
}
