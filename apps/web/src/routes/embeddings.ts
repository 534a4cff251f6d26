import { EmbeddingStatus, forceRebuild, getEmbeddingStatus } from '@dayshift/domain/embeddings'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'

const tags = ['embeddings']

export const embeddings: FastifyPluginAsyncZod<WebParts> = async (api, { context: { db } }) => {
  api.get(
    '/embeddings',
    {
      schema: {
        tags,
        summary: 'Which embedding space search answers from, and how far the next one is',
        response: { 200: EmbeddingStatus },
      },
    },
    () => getEmbeddingStatus(db),
  )

  api.post(
    '/embeddings/rebuild',
    {
      schema: {
        tags,
        summary: 'Embed what is missing in the space that is being filled, else in the active one',
        response: { 202: z.object({ spaceId: z.string(), queued: z.boolean() }) },
      },
    },
    async (_request, reply) => reply.status(202).send(await forceRebuild(db)),
  )
}
