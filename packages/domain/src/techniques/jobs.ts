import { ArticleId, getArticleText } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { isGone } from '@dayshift/domain/errors'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import { tagTechniques } from './tag.ts'

export const tag = defineJob({
  name: 'article.tag',
  queue: 'read',
  attempts: 5,
  input: z.object({ articleId: ArticleId }),
  isPointless: isGone,
  run: async (context: Context, { articleId }) => ({
    techniques: await tagTechniques(context, await getArticleText(context.db, articleId)),
  }),
})
