import type { Db } from '@dayshift/storage'
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
