import type { Config } from '@dayshift/domain/config'
import { checkEmbeddings } from '@dayshift/domain/embeddings'
import { maintain } from '@dayshift/domain/health'
import { pollBatches } from '@dayshift/domain/jobs'
import { pollDue } from '@dayshift/domain/sources'
import { reconcileSpending } from '@dayshift/domain/spending'
import type { Schedule } from '@dayshift/queue/bullmq'

/** What runs by the clock. Sources say themselves when they are due, every 30 minutes unless set otherwise. */
export const scheduleOf = ({ OPENING_HOURS: hours }: Pick<Config, 'OPENING_HOURS'>): Schedule[] => [
  { name: 'sources', job: pollDue, input: hours ? { hours } : {}, everyMs: 60_000 },
  { name: 'embeddings', job: checkEmbeddings, input: {}, everyMs: 3_600_000 },
  { name: 'batches', job: pollBatches, input: {}, everyMs: 600_000 },
  { name: 'spending', job: reconcileSpending, input: {}, cron: '17 * * * *' },
  { name: 'daily', job: maintain, input: {}, cron: '30 2 * * *' },
]
