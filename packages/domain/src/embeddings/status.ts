import { Conflict } from '@dayshift/domain/errors'
import { listJobs } from '@dayshift/queue'
import type { Db } from '@dayshift/storage'
import { z } from 'zod'
import { askForRebuild, rebuild } from './rebuild.ts'
import { Space } from './space.ts'
import { countVectors, findSpace, listSpaces } from './spaces.ts'

const Filled = Space.extend({
  /** Passages that have a vector in it. */
  vectors: z.int(),
})

/** Which space search answers from, and how far the next one is. */
export const EmbeddingStatus = z.object({
  /** All there are: a space with as many vectors is complete. */
  passages: z.int(),
  active: Filled.nullable(),
  filling: Filled.nullable(),
  /** Kept for a while, so that going back costs nothing. */
  old: z.array(Filled),
  /** The newest work on it. */
  rebuild: z
    .object({
      jobId: z.string(),
      state: z.enum(['waiting', 'sent', 'running', 'done', 'dead']),
      error: z.string().nullable(),
    })
    .nullable(),
})
export type EmbeddingStatus = z.output<typeof EmbeddingStatus>

export async function getEmbeddingStatus(db: Db): Promise<EmbeddingStatus> {
  const spaces = await listSpaces(db)
  const { passages, bySpace } = await countVectors(db)
  const [job] = await listJobs(db, { job: rebuild.name, limit: 1 })
  const filled = spaces.map((space) => ({ ...space, vectors: bySpace.get(space.id) ?? 0 }))
  return {
    passages,
    active: filled.find(({ state }) => state === 'active') ?? null,
    filling: filled.find(({ state }) => state === 'filling') ?? null,
    old: filled.filter(({ state, vectors }) => state === 'old' && vectors > 0),
    rebuild: job ? { jobId: job.id, state: job.state, error: job.error } : null,
  }
}

/** Asks for what is missing in the space that is being filled, else in the active one. @throws Conflict when there is none. */
export async function forceRebuild(db: Db): Promise<{ spaceId: string; queued: boolean }> {
  const space = (await findSpace(db, 'filling')) ?? (await findSpace(db, 'active'))
  if (!space) throw new Conflict('Nothing was embedded yet, so there is no embedding space to complete.')
  return { spaceId: space.id, queued: await askForRebuild(db, space.id) }
}
