import type { Context } from '@dayshift/domain/context'
import { pruneAnswers } from '@dayshift/domain/model-answers'
import { pruneCalls } from '@dayshift/domain/spending'
import { defineJob, pruneJobs } from '@dayshift/queue'
import { sql } from 'kysely'
import { z } from 'zod'

const KEEP_JOBS_DAYS = 14
const KEEP_FREE_CALLS_DAYS = 30
// A whole year beside the month under way.
const KEEP_PAID_CALLS_DAYS = 400

/** Daily: finished jobs, old model calls, used-up links and answers go, statistics are made anew. */
export const maintain = defineJob({
  name: 'maintenance.daily',
  queue: 'maintenance',
  attempts: 3,
  input: z.object({}),
  run: async ({ db, clock }: Context) => {
    const jobs = await pruneJobs(db, { olderThanDays: KEEP_JOBS_DAYS })
    const { numDeletedRows } = await db.deleteFrom('sign_in_link').where('expires_at', '<', clock()).executeTakeFirst()
    const days = { freeDays: KEEP_FREE_CALLS_DAYS, paidDays: KEEP_PAID_CALLS_DAYS }
    const calls = await pruneCalls(db, { now: clock(), ...days })
    const answers = await pruneAnswers(db, clock())
    await sql`analyze`.execute(db)
    return { jobs, links: Number(numDeletedRows), calls, answers }
  },
})
