import { ArticleId } from '@dayshift/domain/articles'
import type { Context } from '@dayshift/domain/context'
import { isGone } from '@dayshift/domain/errors'
import { orLater } from '@dayshift/domain/later'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import { checkSpaces } from './check.ts'
import { embedArticle } from './embed.ts'

export const embed = defineJob({
  name: 'article.embed',
  queue: 'read',
  attempts: 5,
  input: z.object({ articleId: ArticleId }),
  isPointless: isGone,
  run: async (context: Context, { articleId }, { signal }) => ({
    passages: await orLater(embedArticle(context, articleId, { signal }), context.clock),
  }),
})

/** At the worker's start and hourly. */
export const checkEmbeddings = defineJob({
  name: 'embeddings.check',
  queue: 'maintenance',
  attempts: 3,
  input: z.object({}),
  run: (context: Context) => checkSpaces(context),
})
