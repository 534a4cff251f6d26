import type { Context } from '@dayshift/domain/context'
import { isGone } from '@dayshift/domain/errors'
import { refang } from '@dayshift/domain/indicators'
import { orLater } from '@dayshift/domain/later'
import { defineJob, enqueue, type JobTools, listJobs, RetryLater, step } from '@dayshift/queue'
import type { Db } from '@dayshift/storage'
import { z } from 'zod'
import { listMissing, type Place, saveVectors } from './queries.ts'
import { activate, countVectors, getSpace } from './spaces.ts'
import { embedTexts } from './texts.ts'

export interface Rebuilt {
  done: number
  total: number
}

// What is paid for twice when the process dies: at most this many passages.
const BATCH = 64
const SOON_MS = 5_000

/**
 * Embeds every passage that has no vector in the space, newest articles first, and then makes the space the active one.
 * Can be stopped at any time and goes on where it was; ends early when the space is no longer wanted.
 */
export async function rebuildSpace(
  context: Pick<Context, 'db' | 'llm'>,
  spaceId: string,
  tools: Pick<JobTools, 'progress' | 'signal'>,
): Promise<Rebuilt> {
  for (;;) {
    const { passages: total, bySpace } = await countVectors(context.db)
    let done = bySpace.get(spaceId) ?? 0
    const before = done
    let place: Place | undefined
    do {
      tools.progress({ done, total })
      tools.signal.throwIfAborted()
      const batch = await fillBatch(context, spaceId, place, tools.signal)
      if (batch === 'not wanted') return { done, total }
      done += batch.saved
      place = batch.next
    } while (place)
    if (await activate(context.db, spaceId)) return { done, total }
    // What came during the walk is met in the next one; what is being replaced would be paid for again and again.
    if (done === before) throw new RetryLater('passages without a vector are held by other work', SOON_MS)
  }
}

/** Embeds the next passages after a place; `next` is absent when there were none. */
async function fillBatch(
  { db, llm }: Pick<Context, 'db' | 'llm'>,
  spaceId: string,
  after: Place | undefined,
  signal: AbortSignal,
): Promise<{ saved: number; next: Place | undefined } | 'not wanted'> {
  const space = await getSpace(db, spaceId)
  if (space.state === 'old') return 'not wanted'
  const missing = await listMissing(db, spaceId, { after, limit: BATCH })
  if (missing.length === 0) return { saved: 0, next: undefined }
  const texts = missing.map(({ text }) => refang(text))
  const { vectors } = await embedTexts(llm, texts, { space, signal })
  const ids = missing.map(({ id }) => id)
  return { saved: await saveVectors(db, space, ids, vectors), next: missing.at(-1) }
}

export const rebuild = defineJob({
  name: 'embeddings.rebuild',
  queue: 'read',
  attempts: 5,
  // New articles go first.
  priority: 10,
  timeoutMs: 24 * 3_600_000,
  input: z.object({ spaceId: z.string() }),
  isPointless: isGone,
  run: (context: Pick<Context, 'db' | 'llm' | 'clock'>, { spaceId }, tools) =>
    orLater(rebuildSpace(context, spaceId, tools), context.clock),
})

/** Asks for the passages that have no vector in the space, unless that is waiting or under way. False when it is. */
export async function askForRebuild(db: Db, spaceId: string): Promise<boolean> {
  const running = await listJobs(db, { job: rebuild.name, state: 'running', limit: 20 })
  // A job whose process died stays running until it is run again, so it counts.
  if (running.some(({ input }) => rebuild.input.safeParse(input).data?.spaceId === spaceId)) return false
  return (await enqueue(db, step(rebuild, { spaceId }))) > 0
}
