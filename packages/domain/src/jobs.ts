import { ingest } from '@dayshift/domain/articles'
import { embed } from '@dayshift/domain/embeddings'
import { maintain } from '@dayshift/domain/health'
import { extract } from '@dayshift/domain/indicators'
import { poll, pollDue } from '@dayshift/domain/sources'
import { summarizeArticle } from '@dayshift/domain/summaries'
import { tag } from '@dayshift/domain/techniques'
import type { AnyJob } from '@dayshift/queue'

/** Every job of Dayshift. */
export const jobs: AnyJob[] = [pollDue, poll, ingest, extract, tag, embed, summarizeArticle, maintain]
