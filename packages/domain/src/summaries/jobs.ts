import { ArticleId } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { isGone } from '@dayshift/domain/errors'
import { orLater } from '@dayshift/domain/later'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import { summarize } from './summarize.ts'

export const summarizeArticle = defineJob({
  name: 'article.summarize',
  queue: 'read',
  attempts: 5,
  input: z.object({ articleId: ArticleId }),
  isPointless: isGone,
  run: (context: Context, { articleId }, { signal }) =>
    orLater(summarize(context, articleId, { signal }), context.clock),
})
