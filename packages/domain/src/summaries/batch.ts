import { ArticleId, getArticleText } from '@dayshift/domain/articles'
import type { BatchFeature } from '@dayshift/domain/batches'
import { LlmAnswerInvalid, type Message } from '@dayshift/llm'
import { enqueue, step } from '@dayshift/queue'
import { z } from 'zod'
import { summarizeArticle } from './jobs.ts'
import { promptVersion, readSummary, SUMMARY_FEATURE } from './prompt.ts'
import { saveSummary } from './queries.ts'

/** Which state of which article a record of a batch is about. */
const Ref = z.object({ articleId: ArticleId, revision: z.int() })
export type SummaryRef = z.output<typeof Ref>

/** Summaries that were asked for in batches. */
export const summaryBatches: BatchFeature = {
  name: SUMMARY_FEATURE,
  async apply(tx, ref, { reply, answeredAt, ...answer }) {
    const { articleId, revision } = Ref.parse(ref)
    const article = await getArticleText(tx, articleId)
    // A new state of an article is summarised by a step of its own.
    if (article.revision !== revision) return
    const text = readSummary(textOf(reply.message))
    if (text === '') throw new LlmAnswerInvalid(`Expected a summary from ${answer.model}, got an empty answer.`)
    await saveSummary(tx, {
      articleId,
      revision,
      text,
      provider: answer.provider,
      model: answer.model,
      promptVersion: answer.promptVersion ?? promptVersion,
      inputTokens: reply.usage?.inputTokens ?? 0,
      outputTokens: reply.usage?.outputTokens ?? 0,
      costUsd: answer.costUsd,
      createdAt: answeredAt,
    })
  },
  async retry(tx, ref) {
    await enqueue(tx, step(summarizeArticle, { articleId: Ref.parse(ref).articleId }))
  },
}

const textOf = ({ content }: Message): string => content.map((part) => (part.type === 'text' ? part.text : '')).join('')
