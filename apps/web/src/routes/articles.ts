import {
  Article,
  ArticleId,
  ArticleRevision,
  ArticleRow,
  getArticle,
  listArticles,
  listRevisions,
} from '@dayshift/domain/articles'
import { Indicator, listIndicators, refang } from '@dayshift/domain/indicators'
import { findSummary, Summary } from '@dayshift/domain/summaries'
import { listTechniques, Technique } from '@dayshift/domain/techniques'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'
import { Limit, pageOf, readCursor, writeCursor } from './paging.ts'

const Cursor = z.strictObject({ sortAt: z.iso.datetime().transform((text) => new Date(text)), id: ArticleId })
const params = z.object({ articleId: ArticleId })
const ArticleToRead = Article.extend({
  summary: Summary.nullable(),
  indicators: z.array(Indicator),
  techniques: z.array(Technique),
})

export const articles: FastifyPluginAsyncZod<WebParts> = async (api, { context: { db } }) => {
  api.get(
    '/articles',
    {
      schema: {
        tags: ['articles'],
        summary: 'Articles from the newest',
        querystring: z.strictObject({
          limit: Limit,
          cursor: z.string().optional(),
          source: z.uuid().optional(),
          technique: z.string().max(20).optional(),
          indicator: z.string().max(2000).optional(),
        }),
        response: { 200: pageOf(ArticleRow) },
      },
    },
    async ({ query }) => {
      const { articles, next } = await listArticles(db, {
        limit: query.limit,
        cursor: readCursor(Cursor, query.cursor),
        sourceId: query.source,
        techniqueId: query.technique,
        // As search does: written plainly, whatever its case.
        indicator: query.indicator === undefined ? undefined : refang(query.indicator).trim().toLowerCase(),
      })
      return { items: articles, nextCursor: next ? writeCursor(next) : null }
    },
  )

  api.get(
    '/articles/:articleId',
    {
      schema: {
        tags: ['articles'],
        summary: 'One article with all that was read out of it',
        params,
        response: { 200: ArticleToRead },
      },
    },
    async ({ params: { articleId } }) => {
      const article = await getArticle(db, articleId)
      const [summary, indicators, techniques] = await Promise.all([
        findSummary(db, articleId),
        listIndicators(db, articleId),
        listTechniques(db, articleId),
      ])
      return { ...article, summary: summary ?? null, indicators, techniques }
    },
  )

  api.get(
    '/articles/:articleId/revisions',
    {
      schema: {
        tags: ['articles'],
        summary: 'The states of an article that were kept, from the newest',
        params,
        response: { 200: z.object({ items: z.array(ArticleRevision) }) },
      },
    },
    async ({ params: { articleId } }) => {
      await getArticle(db, articleId)
      return { items: await listRevisions(db, articleId) }
    },
  )
}
