import type { Context } from '@dayshift/domain/context'
import { defineJob, pruneJobs } from '@dayshift/queue'
import { sql } from 'kysely'
import { z } from 'zod'

const KEEP_JOBS_DAYS = 14

/** Daily: finished jobs and used-up links go, statistics are made anew. */
export const maintain = defineJob({
  name: 'maintenance.daily',
  queue: 'maintenance',
  attempts: 3,
  input: z.object({}),
  run: async ({ db, clock }: Context) => {
    const jobs = await pruneJobs(db, { olderThanDays: KEEP_JOBS_DAYS })
    const { numDeletedRows } = await db.deleteFrom('sign_in_link').where('expires_at', '<', clock()).executeTakeFirst()
    await sql`analyze`.execute(db)
    return { jobs, links: Number(numDeletedRows) }
  },
})
