import { NotFound } from '@dayshift/domain/errors'
import { countJobs, findJob, listJobs, retryJob } from '@dayshift/queue'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'
import { isStillSignedIn } from '../plugins/auth.ts'
import { openEventStream } from './event-stream.ts'
import { Limit, pageOf, readCursor, writeCursor } from './paging.ts'

const tags = ['jobs']
const JobState = z.enum(['waiting', 'sent', 'running', 'done', 'dead'])
// One digit less than a bigint of PostgreSQL may have, so that every one fits.
const JobId = z.string().regex(/^\d{1,18}$/, 'expected the number of a job')
const JobRecord = z.object({
  id: JobId,
  job: z.string(),
  queue: z.string(),
  state: JobState,
  input: z.unknown(),
  attempts: z.int(),
  progress: z.unknown(),
  error: z.string().nullable(),
  createdAt: z.date(),
  runAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
})
const QueueCount = z.object({ queue: z.string(), state: JobState, count: z.int() })

export const jobs: FastifyPluginAsyncZod<WebParts> = async (api, parts) => {
  const { watchJobs } = parts
  const { db } = parts.context

  api.get(
    '/jobs',
    {
      schema: {
        tags,
        summary: 'Jobs from the newest',
        querystring: z.strictObject({
          limit: Limit,
          cursor: z.string().optional(),
          state: JobState.optional(),
          queue: z.string().max(50).optional(),
        }),
        response: { 200: pageOf(JobRecord) },
      },
    },
    async ({ query: { limit, cursor, state, queue } }) => {
      const before = readCursor(JobId, cursor)
      const rows = await listJobs(db, {
        limit: limit + 1,
        ...(before !== undefined && { before }),
        ...(state && { state }),
        ...(queue !== undefined && { queue }),
      })
      const items = rows.slice(0, limit)
      const last = items.at(-1)
      return { items, nextCursor: rows.length > limit && last ? writeCursor(last.id) : null }
    },
  )

  api.get(
    '/jobs/counts',
    {
      schema: {
        tags,
        summary: 'How many jobs there are by queue and state',
        response: { 200: z.object({ items: z.array(QueueCount) }) },
      },
    },
    async () => ({ items: await countJobs(db) }),
  )

  api.get(
    '/jobs/events',
    {
      schema: {
        tags,
        summary: 'What becomes of jobs, as it happens (server-sent events)',
        description: 'Events are hints: after a break, ask for the list again.',
        response: { 200: { content: { 'text/event-stream': { schema: z.string() } } } },
      },
      // Nothing would end it.
      exposeHeadRoute: false,
    },
    (request, reply) => {
      const send = openEventStream(request, reply, {
        isAllowed: () => isStillSignedIn(request, parts),
        onClose: () => stop(),
      })
      const stop = watchJobs((event) => send('job', event))
    },
  )

  api.post(
    '/jobs/:jobId/retry',
    {
      schema: {
        tags,
        summary: 'Try a dead job again',
        params: z.object({ jobId: JobId }),
        response: { 202: z.object({ queued: z.boolean() }) },
      },
    },
    async ({ params: { jobId } }, reply) => {
      if (!(await findJob(db, jobId))) throw new NotFound('job', jobId)
      return reply.status(202).send({ queued: await retryJob(db, jobId) })
    },
  )
}
