import type { ArticleId } from '@dayshift/domain/articles'
import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import type { Summary } from './summary.ts'

export async function findSummary(db: Db, articleId: string): Promise<Summary | undefined> {
  return db
    .selectFrom('summary')
    .select(['text', 'provider', 'model', 'prompt_version as promptVersion', 'created_at as createdAt'])
    .where('article_id', '=', articleId)
    .executeTakeFirst()
}

export interface NewSummary extends Summary {
  articleId: string
  revision: number
  inputTokens: number
  outputTokens: number
  costUsd: number | null
}

/** Keeps the summary of an article in place of the old one, unless that is of a later revision. */
export async function saveSummary(db: Db, summary: NewSummary): Promise<void> {
  const { articleId, revision, text, provider, model, promptVersion, inputTokens, outputTokens, costUsd, createdAt } =
    summary
  const values = {
    revision,
    text,
    provider,
    model,
    prompt_version: promptVersion,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cost_usd: costUsd,
    created_at: createdAt,
  }
  await db
    .insertInto('summary')
    .values({ article_id: articleId, ...values })
    .onConflict((conflict) =>
      conflict.column('article_id').doUpdateSet(values).whereRef('summary.revision', '<=', 'excluded.revision'),
    )
    .execute()
}

/** What a summary of one article is asked for once at a time as, among the records of batches. */
export const subjectOf = (articleId: ArticleId): string => `article.summary ${articleId}`

/**
 * Articles that have no summary of their present state, and with `from` those whose summary that provider made; newest
 * first. Left out is what is being summarised already, in a batch or by a job.
 */
export async function listArticlesWithoutSummary(
  db: Db,
  { limit, from }: { limit: number; from?: string | undefined },
): Promise<ArticleId[]> {
  const { rows } = await sql<{ id: ArticleId }>`
    select a.id from article as a left join summary as s on s.article_id = a.id
    where (s.article_id is null or s.revision < a.revision or s.provider = ${from ?? null})
      and not exists (
        select from model_batch_item
        where subject = ${subjectOf('')} || a.id::text and state in ('planned', 'reserved')
      )
      and not exists (
        select from outbox
        where state in ('waiting', 'sent', 'running') and job = 'article.summarize'
          and input ->> 'articleId' = a.id::text
      )
    order by a.sort_at desc, a.id desc
    limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

export interface ArticleToSummarize {
  id: ArticleId
  title: string
  text: string
  revision: number
}

/** Those of them that are still there. */
export async function listArticlesToSummarize(db: Db, ids: ArticleId[]): Promise<ArticleToSummarize[]> {
  if (ids.length === 0) return []
  return db.selectFrom('article').select(['id', 'title', 'text', 'revision']).where('id', 'in', ids).execute()
}
