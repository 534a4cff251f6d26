import { IndicatorKind, listIndicatorValues } from '@dayshift/domain/indicators'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'
import { Limit, pageOf, readCursor, writeCursor } from './paging.ts'

const Cursor = z.strictObject({ kind: IndicatorKind, value: z.string().max(4000) })
const IndicatorValue = z.object({ kind: IndicatorKind, value: z.string(), articleCount: z.int() })

export const indicators: FastifyPluginAsyncZod<WebParts> = async (api, { context: { db } }) => {
  api.get(
    '/indicators',
    {
      schema: {
        tags: ['indicators'],
        summary: 'Indicators over all articles',
        querystring: z.strictObject({
          limit: Limit,
          cursor: z.string().optional(),
          kind: IndicatorKind.optional(),
          value: z.string().max(2000).optional(),
        }),
        response: { 200: pageOf(IndicatorValue) },
      },
    },
    async ({ query: { limit, cursor, kind, value } }) => {
      const after = readCursor(Cursor, cursor)
      const { items, next } = await listIndicatorValues(db, { limit, after, kind, value })
      return { items, nextCursor: next ? writeCursor(next) : null }
    },
  )
}
