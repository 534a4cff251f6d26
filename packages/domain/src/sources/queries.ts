import { NotFound } from '@dayshift/domain/errors'
import { type Db, inTransaction } from '@dayshift/storage'
import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { NewSource, Source, SourceChange, SourceId } from './source.ts'

const columns = [
  'source.id',
  'source.kind',
  'source.title',
  'source.url',
  'source.site_url as siteUrl',
  'source.category',
  'source.active',
  'source.check_every_s as checkEveryS',
  'source.outcome',
  'source.outcome_detail as outcomeDetail',
  'source.failures',
  'source.last_checked_at as lastCheckedAt',
  'source.last_success_at as lastSuccessAt',
  'source.next_check_at as nextCheckAt',
] as const

const selectSources = (db: Db) =>
  db
    .selectFrom('source')
    .select(columns)
    .select((eb) =>
      eb
        .selectFrom('article')
        .whereRef('article.source_id', '=', 'source.id')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .as('articleCount'),
    )

const toSource = (row: Omit<Source, 'articleCount'> & { articleCount: string | null }): Source => ({
  ...row,
  articleCount: Number(row.articleCount),
})

/** All sources by title. There are tens of them, so there are no pages. */
export async function listSources(db: Db): Promise<Source[]> {
  const rows = await selectSources(db)
    .orderBy(sql`lower(source.title)`)
    .orderBy('source.id')
    .execute()
  return rows.map(toSource)
}

export async function findSource(db: Db, id: SourceId): Promise<Source | undefined> {
  const row = await selectSources(db).where('source.id', '=', id).executeTakeFirst()
  return row && toSource(row)
}

export async function getSource(db: Db, id: SourceId): Promise<Source> {
  const source = await findSource(db, id)
  if (!source) throw new NotFound('source', id)
  return source
}

/** Adds a source unless its address is known already: then the known one is returned with `added: false`. */
export async function saveSource(
  db: Db,
  source: NewSource & { kind: Source['kind']; siteUrl?: string | undefined },
): Promise<{ id: SourceId; added: boolean }> {
  const id = uuidv7()
  const row = await db
    .insertInto('source')
    .values({
      id,
      kind: source.kind,
      title: source.title ?? new URL(source.url).hostname,
      url: source.url,
      site_url: source.siteUrl ?? null,
      category: source.category ?? null,
      ...(source.checkEveryS !== undefined && { check_every_s: source.checkEveryS }),
    })
    .onConflict((conflict) => conflict.column('url').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row) return { id: row.id, added: true }
  const known = await db.selectFrom('source').select('id').where('url', '=', source.url).executeTakeFirstOrThrow()
  return { id: known.id, added: false }
}

export async function changeSource(db: Db, id: SourceId, change: SourceChange): Promise<Source> {
  const { checkEveryS, ...rest } = change
  const values = { ...rest, ...(checkEveryS !== undefined && { check_every_s: checkEveryS }) }
  if (Object.keys(values).length > 0) await db.updateTable('source').set(values).where('id', '=', id).execute()
  return getSource(db, id)
}

/** Removes a source with its articles. What other sources have of them is read again when they are checked next. */
export async function removeSource(db: Db, id: SourceId): Promise<void> {
  await inTransaction(db, async (tx) => {
    await forgetDuplicates(tx, id)
    const { numDeletedRows } = await tx.deleteFrom('source').where('id', '=', id).executeTakeFirst()
    if (numDeletedRows === 0n) throw new NotFound('source', id)
  })
}

/** Makes other sources tell again what they told as duplicates of this source's articles. */
async function forgetDuplicates(tx: Db, id: SourceId): Promise<void> {
  const duplicates = await tx
    .deleteFrom('source_item')
    .where('source_id', '!=', id)
    .where('outcome', '=', 'duplicate')
    .where('article_id', 'in', (eb) => eb.selectFrom('article').select('id').where('source_id', '=', id))
    .returning('source_id')
    .execute()
  const sourceIds = [...new Set(duplicates.map(({ source_id }) => source_id))]
  if (sourceIds.length === 0) return
  // Else their next answer would be "not modified".
  const unseen = { etag: null, last_modified: null, body_sha256: null }
  await tx.updateTable('source').set(unseen).where('id', 'in', sourceIds).execute()
}

// A check that was asked for and never ended is asked for again after this long.
const CLAIM_MS = 600_000

/** Takes the active sources whose next check has come, so that nobody else asks for the same check. */
export async function claimDueSources(db: Db, now: Date): Promise<SourceId[]> {
  const rows = await db
    .updateTable('source')
    .set({ next_check_at: new Date(now.getTime() + CLAIM_MS) })
    .where('active', '=', true)
    .where('next_check_at', '<=', now)
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

export interface CheckState {
  etag: string | null
  lastModified: string | null
  bodySha256: string | null
}

/** What the last successful check left for the next conditional request. */
export async function getCheckState(db: Db, id: SourceId): Promise<CheckState> {
  return db
    .selectFrom('source')
    .select(['etag', 'last_modified as lastModified', 'body_sha256 as bodySha256'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow(() => new NotFound('source', id))
}

export interface Check {
  outcome: string
  detail: string | null
  checkedAt: Date
  nextCheckAt: Date
  failed: boolean
  /** Stop asking: the source said that it is gone. */
  ended?: boolean
  state?: CheckState
  siteUrl?: string | undefined
}

export async function saveCheck(db: Db, id: SourceId, check: Check): Promise<void> {
  await db
    .updateTable('source')
    .set({
      outcome: check.outcome,
      outcome_detail: check.detail,
      last_checked_at: check.checkedAt,
      next_check_at: check.nextCheckAt,
      failures: check.failed ? sql<number>`failures + 1` : 0,
      ...(!check.failed && { last_success_at: check.checkedAt }),
      ...(check.ended && { active: false }),
      ...(check.state && {
        etag: check.state.etag,
        last_modified: check.state.lastModified,
        body_sha256: check.state.bodySha256,
      }),
      ...(check.siteUrl !== undefined && { site_url: check.siteUrl }),
    })
    .where('id', '=', id)
    .execute()
}

/**
 * A source that answers from another address for good moves there. Returns false, and changes nothing, when another
 * source has that address.
 */
export async function moveSource(db: Db, id: SourceId, url: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('source')
    .set({ url })
    .where('id', '=', id)
    .where(({ exists, not, selectFrom }) =>
      not(exists(selectFrom('source as other').select('other.id').where('other.url', '=', url))),
    )
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
