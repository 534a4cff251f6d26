import type { ArticleId } from '@dayshift/domain/articles'
import { submitBatch } from '@dayshift/domain/batches'
import type { Context } from '@dayshift/domain/context'
import { type ServiceTier, type Target, tierOn, worstCaseOf } from '@dayshift/llm'
import { enqueue, step } from '@dayshift/queue'
import type { SummaryRef } from './batch.ts'
import { summarizeArticle } from './jobs.ts'
import { SUMMARY_FEATURE, summaryPrompt } from './prompt.ts'
import { type ArticleToSummarize, listArticlesToSummarize, listArticlesWithoutSummary, subjectOf } from './queries.ts'

type Part = Pick<Context, 'db' | 'clock' | 'log' | 'batches'>

export interface BackfillOptions {
  limit: number
  /** Also articles whose summary this provider made, such as `local`. */
  from?: string | undefined
  /** In batches only: the operator's choice when absent. */
  model?: string | undefined
  /** What ordinary jobs ask and how, for their price; what batches ask when absent. */
  target?: Target | undefined
  tier?: ServiceTier | undefined
}

export interface BackfillPlan {
  articleIds: ArticleId[]
  /** Batches at about half the price within a day; or ordinary jobs, for too few or where there are no batches. */
  way: 'batch' | 'jobs'
  model: string | undefined
  /** US dollars for all; null when the price is not known. */
  worstCaseUsd: number | null
}

/** Whole articles are held in memory, so a batch is no larger, though the vendor may take more. */
const ARTICLES_PER_BATCH = 1_000

/** Which articles a back-fill of summaries would be about, newest first, and what it would cost at most. */
export async function planSummaryBackfill({ db, batches }: Part, options: BackfillOptions): Promise<BackfillPlan> {
  const { limit, from, model } = options
  const articleIds = await listArticlesWithoutSummary(db, { limit, from })
  const way = batches && articleIds.length >= batches.minRecords ? 'batch' : 'jobs'
  const target = way === 'batch' ? batches?.resolve(model) : (options.target ?? batches?.resolve())
  const tier = way === 'batch' ? 'batch' : target && tierOn(target, options.tier ?? 'standard')
  let worstCaseUsd: number | null = 0
  for (const ids of inParts(articleIds, ARTICLES_PER_BATCH)) {
    for (const article of await listArticlesToSummarize(db, ids)) {
      const usd = target && tier ? worstCaseOf(target, summaryPrompt(article), tier) : null
      worstCaseUsd = usd === null || worstCaseUsd === null ? null : worstCaseUsd + usd
    }
  }
  return { articleIds, way, model: way === 'batch' ? model : undefined, worstCaseUsd }
}

/**
 * Summarises the articles of a plan. Those of a batch are summarised when its answers come; the others by jobs.
 * @throws LlmOverBudget and the like; batches that were sent before that go on.
 */
export async function backfillSummaries(
  part: Part,
  { articleIds, way, model }: BackfillPlan,
): Promise<{ batchIds: string[]; jobs: number }> {
  const { batches } = part
  if (way === 'jobs' || !batches) return { batchIds: [], jobs: await enqueueAll(part, articleIds) }
  const { minRecords, maxRecords } = batches
  const most = Math.min(maxRecords, Math.max(ARTICLES_PER_BATCH, 2 * minRecords))
  const batchIds: string[] = []
  let jobs = 0
  for (const ids of inParts(articleIds, most)) {
    const articles = await listArticlesToSummarize(part.db, ids)
    // Some may have gone since the plan.
    if (articles.length < minRecords) jobs += await enqueueAll(part, ids)
    else
      batchIds.push(
        (await submitBatch({ ...part, batches }, { feature: SUMMARY_FEATURE, model, items: articles.map(toItem) }))
          .batchId,
      )
  }
  return { batchIds, jobs }
}

function toItem(article: ArticleToSummarize) {
  const ref: SummaryRef = { articleId: article.id, revision: article.revision }
  return { subject: subjectOf(article.id), ref, request: summaryPrompt(article) }
}

const enqueueAll = ({ db }: Part, ids: ArticleId[]): Promise<number> =>
  enqueue(db, ...ids.map((articleId) => step(summarizeArticle, { articleId })))

/** As few parts as may be, of about equal size, so that none is too small for a batch. */
function inParts<T>(items: T[], most: number): T[][] {
  const size = Math.ceil(items.length / Math.ceil(items.length / most))
  return Array.from({ length: Math.ceil(items.length / size) || 0 }, (_, n) => items.slice(n * size, (n + 1) * size))
}
