import { createHash } from 'node:crypto'
import { canonicalUrl } from '@dayshift/domain/documents'
import type { Db } from '@dayshift/storage'
import { sql } from 'kysely'
import { Entry } from './entry.ts'
import type { SourceId } from './source.ts'

export type ItemOutcome = 'article' | 'revision' | 'unchanged' | 'duplicate' | 'skipped' | 'failed'

/** What a source says of an item; another fingerprint means that the item is to be read again. */
const fingerprint = ({ url, title, updatedAt, html }: Entry): string =>
  createHash('sha256')
    .update(JSON.stringify([url, title, updatedAt, html]))
    .digest('hex')

const addressOf = ({ url }: Entry): string | undefined =>
  url !== undefined && URL.canParse(url) ? canonicalUrl(url) : url

/** JSON whose texts `jsonb` can hold: it refuses U+0000 and half a surrogate pair (PostgreSQL manual, 8.14). */
const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed().replaceAll('\0', '\ufffd') : part,
  )

/** Keeps the entries that are new or changed, as queued; returns how many. One statement, whatever the number. */
export async function queueEntries(db: Db, sourceId: SourceId, entries: readonly Entry[]): Promise<number> {
  if (entries.length === 0) return 0
  const rows = new Map(entries.map((entry) => [entry.key, entry]))
  const sharing = Map.groupBy(rows.values(), addressOf)
  const items = [...rows.values()].map((entry) => ({
    key: entry.key,
    url: entry.url ?? null,
    fingerprint: fingerprint(entry),
    entry: { ...entry, sharesUrl: entry.url !== undefined && (sharing.get(addressOf(entry))?.length ?? 0) > 1 },
  }))
  // In one order, so that two checks of a source wait for each other. A duplicate that changes may be a story of its own.
  const { numAffectedRows } = await sql`
    insert into source_item (source_id, key, url, fingerprint, entry, outcome)
    select ${sourceId}, key, url, fingerprint, entry, 'queued'
    from jsonb_to_recordset(${toJson(items)}::jsonb) as item (key text, url text, fingerprint text, entry jsonb)
    order by key
    on conflict (source_id, key) do update
      set url = excluded.url, fingerprint = excluded.fingerprint, entry = excluded.entry,
          outcome = 'queued', reason = null, settled_at = null, failures = 0,
          article_id = case when source_item.outcome = 'duplicate' then null else source_item.article_id end
      where source_item.fingerprint <> excluded.fingerprint`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** Keys of the items that still wait to be read, also those of an earlier check that was interrupted. */
export async function listQueuedKeys(db: Db, sourceId: SourceId): Promise<string[]> {
  const rows = await db
    .selectFrom('source_item')
    .select('key')
    .where('source_id', '=', sourceId)
    .where('outcome', '=', 'queued')
    .orderBy('key')
    .execute()
  return rows.map(({ key }) => key)
}

export interface Item {
  outcome: 'queued' | ItemOutcome
  articleId: string | null
  fingerprint: string
  entry: Entry | null
}

const selectItem = (db: Db, sourceId: SourceId, key: string) =>
  db
    .selectFrom('source_item')
    .select(['outcome', 'article_id as articleId', 'fingerprint', 'entry'])
    .where('source_id', '=', sourceId)
    .where('key', '=', key)

export async function findItem(db: Db, sourceId: SourceId, key: string): Promise<Item | undefined> {
  const row = await selectItem(db, sourceId, key).executeTakeFirst()
  return row && { ...row, entry: row.entry === null ? null : Entry.parse(row.entry) }
}

/** The item as it is now, for this transaction alone. */
export async function lockItem(tx: Db, sourceId: SourceId, key: string): Promise<Omit<Item, 'entry'> | undefined> {
  return selectItem(tx, sourceId, key).forNoKeyUpdate().executeTakeFirst()
}

// An item that failed in so many checks is not asked for again until the source changes it.
const MOST_FAILURES = 10

/** Queues the items again that failed in an earlier check: what was lost for a while is not lost for good. */
export async function requeueFailed(db: Db, sourceId: SourceId): Promise<void> {
  await db
    .updateTable('source_item')
    .set({ outcome: 'queued' })
    .where('source_id', '=', sourceId)
    .where('outcome', '=', 'failed')
    .where('failures', '<', MOST_FAILURES)
    .execute()
}

/**
 * Writes down what became of an item that was read in the state `fingerprint`; a state that came since stays queued.
 * Its content is dropped unless it failed: the article has it now.
 */
export async function settleItem(
  db: Db,
  sourceId: SourceId,
  key: string,
  result: { fingerprint: string; outcome: ItemOutcome; reason?: string; articleId?: string | undefined; at: Date },
): Promise<void> {
  await db
    .updateTable('source_item')
    .set({
      outcome: result.outcome,
      reason: result.reason ?? null,
      ...(result.outcome === 'failed' ? { failures: sql<number>`failures + 1` } : { entry: null }),
      settled_at: result.at,
      ...(result.articleId !== undefined && { article_id: result.articleId }),
    })
    .where('source_id', '=', sourceId)
    .where('key', '=', key)
    .where('fingerprint', '=', result.fingerprint)
    .where('outcome', '=', 'queued')
    .execute()
}
