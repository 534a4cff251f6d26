import { ArticleId, getArticleText } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import { extractIndicators } from './extract.ts'

export const extract = defineJob({
  name: 'article.extract',
  queue: 'read',
  attempts: 5,
  input: z.object({ articleId: ArticleId }),
  run: async (context: Context, { articleId }) => ({
    indicators: await extractIndicators(context, await getArticleText(context.db, articleId)),
  }),
})
