import {
  addSource,
  changeSource,
  getSource,
  importOpml,
  listSources,
  NewSource,
  poll,
  removeSource,
  Source,
  SourceChange,
  SourceId,
  writeOpml,
} from '@dayshift/domain/sources'
import { decodeText } from '@dayshift/outbound'
import { enqueue, step } from '@dayshift/queue'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'

const params = z.object({ sourceId: SourceId })
const tags = ['sources']
const listTypes = ['text/x-opml', 'text/xml', 'application/xml']
const MOST_LIST_BYTES = 5 * 1_048_576
const Imported = z.object({
  added: z.int(),
  known: z.int(),
  skipped: z.array(z.object({ url: z.string().optional(), reason: z.string() })),
})

export const sources: FastifyPluginAsyncZod<WebParts> = async (api, { context }) => {
  const { db } = context

  api.addContentTypeParser(listTypes, { parseAs: 'buffer' }, ({ headers }, body: Buffer, done) =>
    done(null, decodeText(body, headers['content-type'], 'xml').text),
  )

  api.get(
    '/sources',
    { schema: { tags, summary: 'All sources', response: { 200: z.object({ items: z.array(Source) }) } } },
    async () => ({ items: await listSources(db) }),
  )

  api.post(
    '/sources',
    {
      schema: {
        tags,
        summary: 'Add a source and check it at once',
        body: NewSource.extend({ kind: z.enum(['feed', 'page']).default('feed') }),
        response: { 201: Source },
      },
    },
    async ({ body: { kind, ...source } }, reply) => {
      const added = await addSource(context, source, kind)
      await enqueue(db, step(poll, { sourceId: added.id }))
      return reply.status(201).header('location', `/api/v1/sources/${added.id}`).send(added)
    },
  )

  api.get(
    '/sources/:sourceId',
    { schema: { tags, summary: 'One source', params, response: { 200: Source } } },
    ({ params }) => getSource(db, params.sourceId),
  )

  api.patch(
    '/sources/:sourceId',
    { schema: { tags, summary: 'Change a source', params, body: SourceChange, response: { 200: Source } } },
    ({ params, body }) => changeSource(db, params.sourceId, body),
  )

  api.delete(
    '/sources/:sourceId',
    { schema: { tags, summary: 'Remove a source with its articles', params, response: { 204: z.null() } } },
    async ({ params }, reply) => {
      await removeSource(db, params.sourceId)
      return reply.status(204).send(null)
    },
  )

  api.post(
    '/sources/:sourceId/check',
    { schema: { tags, summary: 'Check a source now', params, response: { 202: z.object({ queued: z.boolean() }) } } },
    async ({ params: { sourceId } }, reply) => {
      await getSource(db, sourceId)
      const queued = await enqueue(db, step(poll, { sourceId }))
      return reply.status(202).send({ queued: queued > 0 })
    },
  )

  api.post(
    '/sources/import',
    {
      bodyLimit: MOST_LIST_BYTES,
      schema: {
        tags,
        summary: 'Add all sources of an OPML list',
        consumes: listTypes,
        body: z.string(),
        response: { 200: Imported },
      },
    },
    async ({ body }) => {
      const { ids, ...imported } = await importOpml(context, body)
      await enqueue(db, ...ids.map((sourceId) => step(poll, { sourceId })))
      return imported
    },
  )

  api.get(
    '/sources/export',
    {
      schema: {
        tags,
        summary: 'All feeds as an OPML list',
        response: { 200: { content: { 'text/x-opml': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => {
      const feeds = (await listSources(db)).filter(({ kind }) => kind === 'feed')
      const opml = writeOpml(
        feeds.map(({ url, title, siteUrl, category }) => ({
          url,
          title,
          ...(siteUrl !== null && { siteUrl }),
          ...(category !== null && { category }),
        })),
      )
      return reply
        .type('text/x-opml; charset=utf-8')
        .header('content-disposition', 'attachment; filename="dayshift.opml"')
        .serializer((text: string) => text)
        .send(opml)
    },
  )
}
