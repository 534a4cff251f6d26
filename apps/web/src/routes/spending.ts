import {
  Budget,
  BudgetId,
  listBudgets,
  NewBudget,
  removeBudget,
  setBudget,
  SpendingBy,
  SpendingReport,
  spendingReport,
} from '@dayshift/domain/spending'
import { Invalid } from '@dayshift/domain/errors'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'

const tags = ['spending']
// What a token is for must not lift its own limits.
const config = { access: 'person' } as const
const Time = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

export const spending: FastifyPluginAsyncZod<WebParts> = async (api, { context }) => {
  const { db, clock } = context

  api.get(
    '/spending',
    {
      schema: {
        tags,
        summary: 'What model calls cost, and how the budgets stand',
        description: 'Days and months are those of UTC; without `from`, the month under way.',
        querystring: z.strictObject({
          from: Time.optional(),
          to: Time.optional(),
          by: SpendingBy.default('day'),
        }),
        response: { 200: SpendingReport.extend({ from: z.date(), to: z.date(), budgets: z.array(Budget) }) },
      },
    },
    async ({ query: { from: since, to = clock(), by } }) => {
      const from = since ?? new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth(), 1))
      if (from > to) throw new Invalid(`It must not be after to, which is ${to.toISOString()}.`, 'from')
      return { from, to, ...(await spendingReport(db, { from, to, by })), budgets: await listBudgets(context) }
    },
  )

  api.get(
    '/budgets',
    { schema: { tags, summary: 'All budgets', response: { 200: z.object({ items: z.array(Budget) }) } } },
    async () => ({ items: await listBudgets(context) }),
  )

  api.put(
    '/budgets',
    {
      config,
      schema: {
        tags,
        summary: 'Make a budget, or change the limit of the one for the same',
        body: NewBudget,
        response: { 200: Budget },
      },
    },
    ({ body }) => setBudget(context, body),
  )

  api.delete(
    '/budgets/:budgetId',
    {
      config,
      schema: {
        tags,
        summary: 'Remove a budget',
        params: z.object({ budgetId: BudgetId }),
        response: { 204: z.null() },
      },
    },
    async ({ params }, reply) => {
      await removeBudget(context, params.budgetId)
      return reply.status(204).send(null)
    },
  )
}
