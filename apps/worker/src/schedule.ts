import { maintain } from '@dayshift/domain/health'
import { pollDue } from '@dayshift/domain/sources'

/** What runs by the clock. Sources say themselves when they are due, every 30 minutes unless set otherwise. */
export const schedule = [
  { name: 'sources', job: pollDue, input: {}, everyMs: 60_000 },
  { name: 'daily', job: maintain, input: {}, cron: '30 2 * * *' },
]
