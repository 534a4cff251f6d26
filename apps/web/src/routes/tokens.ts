import { ApiToken, createApiToken, listApiTokens, NewApiToken, revokeApiToken } from '@dayshift/domain/accounts'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'
import { signedIn } from '../plugins/auth.ts'

const tags = ['API tokens']
const config = { access: 'person' } as const

export const tokens: FastifyPluginAsyncZod<WebParts> = async (api, { context }) => {
  api.get(
    '/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'The tokens of this account',
        response: { 200: z.object({ items: z.array(ApiToken) }) },
      },
    },
    async ({ caller }) => ({ items: await listApiTokens(context.db, signedIn(caller).account.id) }),
  )

  api.post(
    '/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'Make a token; it is shown this once',
        body: NewApiToken,
        response: { 201: ApiToken.extend({ token: z.string() }) },
      },
    },
    async (request, reply) =>
      reply.status(201).send(await createApiToken(context, signedIn(request.caller).account.id, request.body)),
  )

  api.delete(
    '/tokens/:tokenId',
    {
      config,
      schema: { tags, summary: 'Revoke a token', params: z.object({ tokenId: z.uuid() }), response: { 204: z.null() } },
    },
    async (request, reply) => {
      await revokeApiToken(context, signedIn(request.caller).account.id, request.params.tokenId)
      return reply.status(204).send(null)
    },
  )
}
