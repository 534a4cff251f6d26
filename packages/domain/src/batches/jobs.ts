import type { Context } from '@dayshift/domain/context'
import { defineJob } from '@dayshift/queue'
import { z } from 'zod'
import type { BatchFeature } from './batch.ts'
import { pollBatches } from './poll.ts'

/** Goes on with the batches of these features; to be run every few minutes. */
export const defineBatchPolling = (features: BatchFeature[]) =>
  defineJob({
    name: 'batches.poll',
    queue: 'maintenance',
    attempts: 1,
    timeoutMs: 3_600_000,
    input: z.object({}),
    run: (context: Context) => pollBatches(context, features),
  })
