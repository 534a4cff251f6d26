import { ArticleId, getArticleText } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { isGone } from '@dayshift/domain/errors'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import { extractIndicators } from './extract.ts'

export const extract = defineJob({
  name: 'article.extract',
  queue: 'read',
  attempts: 5,
  input: z.object({ articleId: ArticleId }),
  isPointless: isGone,
  run: async (context: Context, { articleId }) => ({
    indicators: await extractIndicators(context, await getArticleText(context.db, articleId)),
  }),
})
