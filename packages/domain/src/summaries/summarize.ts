import { type ArticleId, getArticleText } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { promptVersion, readSummary, summaryPrompt } from './prompt.ts'
import { saveSummary } from './queries.ts'

/** Writes the summary of one article. Running it again replaces the old one. */
export async function summarize(
  { db, llm, clock }: Pick<Context, 'db' | 'llm' | 'clock'>,
  articleId: ArticleId,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  const article = await getArticleText(db, articleId)
  const { text: answer, provider, model, usage, costUsd } = await llm.complete(summaryPrompt(article), options)
  const { inputTokens, outputTokens } = usage
  const text = readSummary(answer)
  if (text === '') throw new Error(`Expected a summary from ${provider} ${model}, got an empty answer.`)
  await saveSummary(db, {
    articleId,
    revision: article.revision,
    text,
    provider,
    model,
    promptVersion,
    inputTokens,
    outputTokens,
    costUsd,
    createdAt: clock(),
  })
}
