import type { Target } from '@dayshift/llm'
import { type Db, inTransaction } from '@dayshift/storage'

/** A process that works on a batch has it for itself so long, unless it says that it is still there. */
export const LEASE_MS = 600_000

export interface BatchRow {
  id: string
  feature: string
  provider: string
  model: string
  scope: Target['scope']
  state: 'preparing' | 'submitted' | 'collecting'
  jobId: string | null
  error: string | null
  createdAt: Date
  submittedAt: Date | null
  endedAt: Date | null
}

export interface BatchItemRow {
  recordId: string
  ref: unknown
  callId: string
  promptVersion: string | null
  worstCaseUsd: number | null
  state: 'planned' | 'reserved'
}

export interface PlannedItem extends Omit<BatchItemRow, 'state'> {
  subject: string
}

const columns = [
  'id',
  'feature',
  'provider',
  'model',
  'scope',
  'state',
  'job_id as jobId',
  'error',
  'created_at as createdAt',
  'submitted_at as submittedAt',
  'ended_at as endedAt',
] as const

/** Items in one statement: PostgreSQL takes at most 65,535 parameters. */
const ITEMS_AT_ONCE = 5_000

/** Enters a batch whose input lies ready; all its items are entered or none. It is the caller's for `LEASE_MS`. */
export async function saveBatch(db: Db, batch: BatchRow, items: PlannedItem[]): Promise<void> {
  const { id, feature, provider, model, scope, state, createdAt } = batch
  await inTransaction(db, async (tx) => {
    await tx
      .insertInto('model_batch')
      .values({
        id,
        feature,
        provider,
        model,
        scope,
        state,
        records: items.length,
        created_at: createdAt,
        busy_until: new Date(createdAt.getTime() + LEASE_MS),
      })
      .execute()
    const rows = items.map((item) => ({
      batch_id: id,
      record_id: item.recordId,
      subject: item.subject,
      ref: JSON.stringify(item.ref),
      call_id: item.callId,
      prompt_version: item.promptVersion,
      worst_case_usd: item.worstCaseUsd,
      state: 'planned' as const,
    }))
    for (let start = 0; start < rows.length; start += ITEMS_AT_ONCE) {
      await tx
        .insertInto('model_batch_item')
        .values(rows.slice(start, start + ITEMS_AT_ONCE))
        .execute()
    }
  })
}

/** Batches that are not over and that no living process works on, oldest first. */
export async function listFreeBatches(db: Db, now: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('model_batch')
    .select('id')
    .where('state', 'in', ['preparing', 'submitted', 'collecting'])
    .where('busy_until', '<=', now)
    .orderBy('created_at')
    .execute()
  return rows.map(({ id }) => id)
}

/** Takes a batch for `LEASE_MS`; undefined when another process was first. */
export async function claimBatch(db: Db, id: string, now: Date): Promise<BatchRow | undefined> {
  const row = await db
    .updateTable('model_batch')
    .set({ busy_until: new Date(now.getTime() + LEASE_MS) })
    .where('id', '=', id)
    .where('state', 'in', ['preparing', 'submitted', 'collecting'])
    .where('busy_until', '<=', now)
    .returning(columns)
    .executeTakeFirst()
  return row as BatchRow | undefined
}

/** Says that the process is still there, or, with the time now, that it leaves the batch. */
export async function holdBatch(db: Db, id: string, until: Date): Promise<void> {
  await db.updateTable('model_batch').set({ busy_until: until }).where('id', '=', id).execute()
}

export async function markSubmitted(db: Db, id: string, jobId: string, now: Date): Promise<void> {
  await db
    .updateTable('model_batch')
    .set({ state: 'submitted', job_id: jobId, submitted_at: now })
    .where('id', '=', id)
    .where('state', '=', 'preparing')
    .execute()
}

/** The vendor has done with it, or never took it: what is left is to take in the answers and give back the money. */
export async function markEnded(db: Db, id: string, error: string | null, now: Date): Promise<BatchRow> {
  const row = await db
    .updateTable('model_batch')
    .set({ state: 'collecting', error, ended_at: now })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow()
  return row as BatchRow
}

/** A batch none of whose records came to anything has failed. */
export async function markFinished(db: Db, id: string, now: Date): Promise<void> {
  await db
    .updateTable('model_batch')
    .set((eb) => ({
      state: eb
        .case()
        .when(
          eb.exists(
            eb
              .selectFrom('model_batch_item')
              .select('record_id')
              .where('batch_id', '=', id)
              .where('state', '=', 'done'),
          ),
        )
        .then('done' as const)
        .else('failed' as const)
        .end(),
      finished_at: now,
    }))
    .where('id', '=', id)
    .execute()
}

export async function listOpenItems(db: Db, batchId: string): Promise<BatchItemRow[]> {
  const rows = await db
    .selectFrom('model_batch_item')
    .select([
      'record_id as recordId',
      'ref',
      'call_id as callId',
      'prompt_version as promptVersion',
      'worst_case_usd as worstCaseUsd',
      'state',
    ])
    .where('batch_id', '=', batchId)
    .where('state', 'in', ['planned', 'reserved'])
    .orderBy('record_id')
    .execute()
  return rows.map((row) => ({
    ...row,
    worstCaseUsd: row.worstCaseUsd === null ? null : Number(row.worstCaseUsd),
    state: row.state as BatchItemRow['state'],
  }))
}

/** Gives an item another row in the ledger. */
export async function setCallId(db: Db, batchId: string, recordId: string, callId: string): Promise<void> {
  await itemOf(db, batchId, recordId).set({ call_id: callId }).execute()
}

export async function markReserved(db: Db, batchId: string, recordId: string): Promise<void> {
  await itemOf(db, batchId, recordId).set({ state: 'reserved' }).execute()
}

/** False when it ended before. */
export async function endItem(
  db: Db,
  batchId: string,
  recordId: string,
  { state, error = null }: { state: 'done' | 'failed'; error?: string | null },
): Promise<boolean> {
  const { numUpdatedRows } = await itemOf(db, batchId, recordId)
    .set({ state, error })
    .where('state', 'in', ['planned', 'reserved'])
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const itemOf = (db: Db, batchId: string, recordId: string) =>
  db.updateTable('model_batch_item').where('batch_id', '=', batchId).where('record_id', '=', recordId)
