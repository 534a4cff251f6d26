import type { Context } from '@dayshift/domain/context'
import { isGone } from '@dayshift/domain/errors'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import { ingestArticle } from './ingest.ts'

const attempts = 4

export const ingest = defineJob({
  name: 'article.ingest',
  queue: 'fetch',
  attempts,
  input: z.object({ sourceId: z.uuid(), key: z.string().min(1) }),
  isPointless: isGone,
  run: (context: Context, item, { attempt }) => ingestArticle(context, item, attempt >= attempts),
})
