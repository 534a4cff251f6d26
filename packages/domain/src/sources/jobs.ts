import type { Context } from '@dayshift/domain/context'
import { isGone } from '@dayshift/domain/errors'
import { defineJob, enqueue, RetryLater, step } from '@dayshift/queue'
import { inTransaction } from '@dayshift/storage'
import { z } from 'zod'
import { describeHours, openForMs, OpeningHours, opensWithinMs } from './opening-hours.ts'
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

/** Outside the hours it waits for them, and says so in the list of jobs; checking one source by hand goes on. */
export const pollDue = defineJob({
  name: 'source.poll-due',
  queue: 'maintenance',
  attempts: 3,
  input: z.object({ hours: OpeningHours.optional() }),
  run: async ({ db, clock }: Context, { hours }) => {
    const now = clock()
    if (hours && openForMs(hours, now) === undefined) {
      throw new RetryLater(`outside hours: sources are checked ${describeHours(hours)}`, opensWithinMs(hours, now))
    }
    const due = await inTransaction(db, async (tx) => {
      const ids = await claimDueSources(tx, now)
      await enqueue(tx, ...ids.map((sourceId) => step(poll, { sourceId })))
      return ids.length
    })
    return { due }
  },
})
