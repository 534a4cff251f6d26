import { ArticleId } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import { summarize } from './summarize.ts'

export const summarizeArticle = defineJob({
  name: 'article.summarize',
  queue: 'read',
  attempts: 5,
  input: z.object({ articleId: ArticleId }),
  run: (context: Context, { articleId }) => summarize(context, articleId),
})
