import { Hit, search as searchArticles } from '@dayshift/domain/search'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'

export const search: FastifyPluginAsyncZod<WebParts> = async (api, { context }) => {
  api.get(
    '/search',
    {
      schema: {
        tags: ['search'],
        summary: 'Find articles by words, meaning, title and indicators',
        querystring: z.strictObject({
          q: z.string().trim().min(1).max(2000),
          limit: z.coerce.number().int().min(1).max(50).default(20),
          source: z.uuid().optional(),
        }),
        response: { 200: z.object({ items: z.array(Hit), tookMs: z.number() }) },
      },
    },
    async ({ query: { q, limit, source } }) => {
      const start = performance.now()
      const items = await searchArticles(context, { q, limit, sourceId: source })
      return { items, tookMs: Math.round(performance.now() - start) }
    },
  )
}
