import { ArticleId, getArticleText } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import { tagTechniques } from './tag.ts'

export const tag = defineJob({
  name: 'article.tag',
  queue: 'read',
  attempts: 5,
  input: z.object({ articleId: ArticleId }),
  run: async (context: Context, { articleId }) => ({
    techniques: await tagTechniques(context, await getArticleText(context.db, articleId)),
  }),
})
