import { ingest } from '@dayshift/domain/articles'
import { embed } from '@dayshift/domain/embeddings'
import { extract } from '@dayshift/domain/indicators'
import { poll } from '@dayshift/domain/sources'
import { summarizeArticle } from '@dayshift/domain/summaries'
import { tag } from '@dayshift/domain/techniques'
import { after, type Rule, step } from '@dayshift/queue'

/** What follows what. A step starts when the one before it is saved; a step that ran twice changes nothing. */
export const pipeline: Rule[] = [
  after(poll, ({ sourceId, keys }) => keys.map((key) => step(ingest, { sourceId, key }))),
  after(ingest, ({ articleId, changed }) =>
    articleId !== undefined && changed
      ? [extract, tag, embed, summarizeArticle].map((job) => step(job, { articleId }))
      : [],
  ),
]
