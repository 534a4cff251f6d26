import type { Context } from '@dayshift/domain/context'
import { isGone } from '@dayshift/domain/errors'
import { defineJob, enqueue, step } from '@dayshift/queue'
import { inTransaction } from '@dayshift/storage'
import { z } from 'zod'
import { pollSource } from './poll.ts'
import { claimDueSources } from './queries.ts'
import { SourceId } from './source.ts'

export const poll = defineJob({
  name: 'source.poll',
  queue: 'fetch',
  attempts: 3,
  input: z.object({ sourceId: SourceId }),
  isPointless: isGone,
  run: (context: Context, { sourceId }) => pollSource(context, sourceId),
})

export const pollDue = defineJob({
  name: 'source.poll-due',
  queue: 'maintenance',
  attempts: 3,
  input: z.object({}),
  run: async ({ db, clock }: Context) => {
    const due = await inTransaction(db, async (tx) => {
      const ids = await claimDueSources(tx, clock())
      await enqueue(tx, ...ids.map((sourceId) => step(poll, { sourceId })))
      return ids.length
    })
    return { due }
  },
})
