import { ingest } from '@dayshift/domain/articles'
import { defineBatchPolling } from '@dayshift/domain/batches'
import { checkEmbeddings, embed, rebuild } from '@dayshift/domain/embeddings'
import { maintain } from '@dayshift/domain/health'
import { extract } from '@dayshift/domain/indicators'
import { poll, pollDue } from '@dayshift/domain/sources'
import { reconcileSpending } from '@dayshift/domain/spending'
import { summarizeArticle, summaryBatches } from '@dayshift/domain/summaries'
import { tag } from '@dayshift/domain/techniques'
import type { AnyJob } from '@dayshift/queue'

export const pollBatches = defineBatchPolling([summaryBatches])

/** Every job of Dayshift. */
export const jobs: AnyJob[] = [
  pollDue,
  poll,
  ingest,
  extract,
  tag,
  embed,
  summarizeArticle,
  checkEmbeddings,
  rebuild,
  pollBatches,
  reconcileSpending,
  maintain,
]
