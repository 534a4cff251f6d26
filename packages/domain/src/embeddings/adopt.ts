import type { EmbeddingSpace } from '@dayshift/llm'
import { type Db, inTransaction } from '@dayshift/storage'
import { askForRebuild } from './rebuild.ts'
import type { Space } from './space.ts'
import {
  findSpace,
  getSpace,
  hasVectors,
  isIncomplete,
  listSpaces,
  lockStates,
  replaceActive,
  saveSpace,
  setState,
} from './spaces.ts'

/**
 * Takes notice of the space that an answer came in, and returns the active one. The first space ever is the active one
 * at once; another begins to be filled, and search stays with the active one until that is done.
 */
export async function noteSpace(db: Db, space: EmbeddingSpace): Promise<Space> {
  const used = (await listSpaces(db)).filter(({ state }) => state !== 'old')
  const active = used.find(({ state }) => state === 'active')
  if (active && used.some(({ id }) => id === space.id)) return active
  return inTransaction(db, async (tx) => {
    await lockStates(tx)
    return startSpace(tx, space)
  })
}

/**
 * Makes the configured model's space the one that all passages are to be in: a space that was being filled for another
 * model is left, and whatever has no vector yet is asked for.
 */
export function adoptSpace(db: Db, space: EmbeddingSpace): Promise<Space> {
  return inTransaction(db, async (tx) => {
    await lockStates(tx)
    const active = await startSpace(tx, space)
    const isActive = active.id === space.id
    if (isActive) await stopFilling(tx)
    if (!isActive || (await isIncomplete(tx, space.id))) await askForRebuild(tx, space.id)
    return active
  })
}

/** Needs the lock of states. */
async function startSpace(tx: Db, space: EmbeddingSpace): Promise<Space> {
  await saveSpace(tx, space)
  const { state } = await getSpace(tx, space.id)
  const active = await findSpace(tx, 'active')
  if (active && state !== 'old') return active
  if (active && (await hasVectors(tx, active.id))) {
    await stopFilling(tx)
    await setState(tx, space.id, 'filling')
    await askForRebuild(tx, space.id)
    return active
  }
  await replaceActive(tx, space.id)
  return getSpace(tx, space.id)
}

async function stopFilling(tx: Db): Promise<void> {
  const filling = await findSpace(tx, 'filling')
  if (filling) await setState(tx, filling.id, 'old')
}
