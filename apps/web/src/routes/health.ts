import { checkHealth, countTotals, Health, Totals } from '@dayshift/domain/health'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'

const tags = ['health']
const config = { access: 'public', limited: false } as const
// Whoever may ask without limit shall not make us write without limit.
const READY_FOR_MS = 1000

const Ready = Health.extend({ parts: z.array(Health.shape.parts.element.omit({ detail: true })) })

export const health: FastifyPluginAsyncZod<WebParts> = async (api, { context }) => {
  let checked: { at: number; health: Promise<Health> } | undefined
  const ready = (): Promise<Health> => {
    if (!checked || performance.now() - checked.at > READY_FOR_MS) {
      checked = { at: performance.now(), health: checkHealth(context) }
    }
    return checked.health
  }

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
    async (request, reply) => {
      const { ok, parts } = await ready()
      // The reason may name hosts and accounts: it is for the log, not for everybody.
      if (!ok) request.log.warn({ parts }, 'not ready')
      return reply.status(ok ? 200 : 503).send({ ok, parts })
    },
  )

  api.get('/totals', { schema: { tags, summary: 'How much there is of everything', response: { 200: Totals } } }, () =>
    countTotals(context.db),
  )
}
