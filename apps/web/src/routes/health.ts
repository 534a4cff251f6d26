import { countTotals, Health, Totals } from '@dayshift/domain/health'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'

const tags = ['health']
const config = { access: 'public', limited: false } as const

const Ready = Health.extend({ parts: z.array(Health.shape.parts.element.omit({ detail: true })) })

export interface HealthParts extends WebParts {
  ready: () => Promise<Health>
}

async function answerReady(request: FastifyRequest, reply: FastifyReply, ready: HealthParts['ready']): Promise<void> {
  const { ok, parts } = await ready()
  // The reason may name hosts and accounts: it is for the log, not for everybody.
  if (!ok) request.log.warn({ parts }, 'not ready')
  await reply.status(ok ? 200 : 503).send({ ok, parts: parts.map(({ name, ok, tookMs }) => ({ name, ok, tookMs })) })
}

/**
 * For what watches over the process, at the root: /live: it runs. /health: it has started and does not stop; for balancers and
 * containers, which would replace every process at once if this asked a database that all of them share. /ready: its parts
 * answer, too.
 */
export const watch: FastifyPluginAsyncZod<HealthParts> = async (server, { phase = () => 'serving', ready }) => {
  const options = { config, schema: { hide: true } }
  server.get('/live', options, async () => ({ ok: true }))
  server.get('/health', options, async (_request, reply) => {
    const present = phase()
    return present === 'serving' ? { ok: true } : reply.status(503).send({ ok: false, phase: present })
  })
  server.get('/ready', options, (request, reply) => answerReady(request, reply, ready))
}

export const health: FastifyPluginAsyncZod<HealthParts> = async (api, { context, ready }) => {
  api.get(
    '/health/live',
    {
      config,
      schema: {
        tags,
        summary: 'The process answers',
        security: [],
        response: { 200: z.object({ ok: z.literal(true) }) },
      },
    },
    async () => ({ ok: true as const }),
  )

  api.get(
    '/health/ready',
    {
      config,
      schema: { tags, summary: 'The parts answer', security: [], response: { 200: Ready, 503: Ready } },
    },
    (request, reply) => answerReady(request, reply, ready),
  )

  api.get('/totals', { schema: { tags, summary: 'How much there is of everything', response: { 200: Totals } } }, () =>
    countTotals(context.db),
  )
}
