import { NotFound } from '@dayshift/domain/errors'
import type { EmbeddingSpace } from '@dayshift/llm'
import { type Db, inTransaction } from '@dayshift/storage'
import { sql } from 'kysely'
import type { Space } from './space.ts'

const columns = [
  'id',
  'provider',
  'model',
  'dimensions',
  'source_dimensions as sourceDimensions',
  'version',
  'state',
  'changed_at as changedAt',
] as const

export const listSpaces = (db: Db): Promise<Space[]> =>
  db.selectFrom('embedding_space').select(columns).orderBy('changed_at', 'desc').orderBy('id').execute()

export const findSpace = (db: Db, state: 'active' | 'filling'): Promise<Space | undefined> =>
  db.selectFrom('embedding_space').select(columns).where('state', '=', state).executeTakeFirst()

export const getSpace = (db: Db, id: string): Promise<Space> =>
  db
    .selectFrom('embedding_space')
    .select(columns)
    .where('id', '=', id)
    .executeTakeFirstOrThrow(() => new NotFound('embedding space', id))

/**
 * Lets nobody else change a state, or save a vector (its foreign key looks at the table), until the transaction ends;
 * who is saving is waited for. Reading goes on.
 */
export async function lockStates(tx: Db): Promise<void> {
  await sql`lock table embedding_space in exclusive mode`.execute(tx)
}

export async function setState(tx: Db, id: string, state: Space['state']): Promise<void> {
  await tx
    .updateTable('embedding_space')
    .set({ state, changed_at: sql`now()` })
    .where('id', '=', id)
    .execute()
}

/** Makes the space known. */
export async function saveSpace(tx: Db, space: EmbeddingSpace): Promise<void> {
  await tx
    .insertInto('embedding_space')
    .values({
      id: space.id,
      provider: space.provider,
      model: space.model,
      dimensions: space.dimensions,
      source_dimensions: space.sourceDimensions,
      version: space.version,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

export async function hasVectors(db: Db, spaceId: string): Promise<boolean> {
  const row = await db
    .selectFrom('passage_vector')
    .select('space_id')
    .where('space_id', '=', spaceId)
    .limit(1)
    .execute()
  return row.length > 0
}

/** Whether some passage has no vector in the space. */
export async function isIncomplete(db: Db, spaceId: string): Promise<boolean> {
  const { rows } = await sql`
    select from passage where not exists (
      select from passage_vector where passage_vector.passage_id = passage.id and space_id = ${spaceId}
    ) limit 1`.execute(db)
  return rows.length > 0
}

/**
 * Makes a complete space the active one and the active one old, together: a search sees the one or the other.
 * False, and nothing has changed, while passages have no vector in it.
 */
export function activate(db: Db, spaceId: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    await lockStates(tx)
    if (await isIncomplete(tx, spaceId)) return false
    const { state } = await getSpace(tx, spaceId)
    if (state === 'filling') await replaceActive(tx, spaceId)
    return true
  })
}

/** Needs the lock of states. The old one first: there is never more than one. */
export async function replaceActive(tx: Db, spaceId: string): Promise<void> {
  const active = await findSpace(tx, 'active')
  if (active) await setState(tx, active.id, 'old')
  await setState(tx, spaceId, 'active')
}

/** How many passages there are, and how many have a vector in each space. */
export async function countVectors(db: Db): Promise<{ passages: number; bySpace: Map<string, number> }> {
  const { rows } = await sql<{ spaceId: string | null; count: number }>`
    select null::text as "spaceId", count(*)::int as count from passage
    union all
    select space_id, count(*)::int from passage_vector group by space_id`.execute(db)
  const bySpace = new Map(rows.flatMap(({ spaceId, count }) => (spaceId === null ? [] : [[spaceId, count] as const])))
  return { passages: rows.find(({ spaceId }) => spaceId === null)?.count ?? 0, bySpace }
}

// A week: a mistaken change of the model is noticed within it, and going back then costs nothing.
const KEEP_OLD_DAYS = 7
// Short transactions: one of a million rows would hold back the vacuum of every table.
const DELETE_AT_ONCE = 5_000

/** Deletes what was embedded in spaces that have been old for a week; returns how many vectors. */
export async function forgetOldSpaces(db: Db): Promise<number> {
  let forgotten = 0
  const { rows } = await sql<{ id: string }>`
    select id from embedding_space
    where state = 'old' and changed_at < now() - ${KEEP_OLD_DAYS} * interval '1 day'`.execute(db)
  for (const { id } of rows) {
    for (;;) {
      const deleted = await deleteSome(db, id)
      forgotten += deleted
      if (deleted === 0) break
    }
  }
  return forgotten
}

/** A space that is wanted again meanwhile keeps what it has. */
async function deleteSome(db: Db, spaceId: string): Promise<number> {
  return inTransaction(db, async (tx) => {
    await sql`select from embedding_space where id = ${spaceId} for share`.execute(tx)
    const { numAffectedRows } = await sql`
      delete from passage_vector where (passage_id, space_id) in (
        select passage_id, space_id from passage_vector
        where space_id = (select id from embedding_space where id = ${spaceId} and state = 'old')
        limit ${DELETE_AT_ONCE}
      )`.execute(tx)
    return Number(numAffectedRows ?? 0)
  })
}
