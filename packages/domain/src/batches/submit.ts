import { Conflict } from '@dayshift/domain/errors'
import { worstCaseOf } from '@dayshift/llm'
import { v7 as uuidv7 } from 'uuid'
import { type BatchContext, type BatchPart, jobNameOf, type NewBatch, recordIdOf, toPart } from './batch.ts'
import { dropBatch } from './collect.ts'
import { type BatchRow, holdBatch, saveBatch } from './queries.ts'
import { startBatch } from './start.ts'

/**
 * Sends requests to be answered within a day or so at the price of batches. Once they are entered in the database,
 * `pollBatches` goes on whatever dies: each is asked and paid once, and its answer is used once. `submitted` is false when
 * the vendor could not take the job yet.
 * @throws LlmRefusedRequest, LlmOverBudget and the like with nothing asked; Conflict when some of it is under way already.
 */
export async function submitBatch(
  context: BatchContext,
  { feature, model, items }: NewBatch,
): Promise<{ batchId: string; submitted: boolean }> {
  const part = toPart(context)
  const { db, clock, log, batches } = part
  const target = batches.resolve(model)
  const batchId = uuidv7()
  const planned = items.map(({ subject, ref, request }, index) => ({
    recordId: recordIdOf(index),
    subject,
    ref,
    request,
    callId: uuidv7(),
    promptVersion: request.promptVersion ?? null,
    worstCaseUsd: worstCaseOf(target, request, 'batch'),
  }))
  // First of all, since only this process has the requests: once the batch is entered, any other can go on with it.
  await batches.prepare({ jobName: jobNameOf(batchId), target, requests: planned })
  const batch: BatchRow = {
    id: batchId,
    feature,
    provider: target.provider,
    model: target.id,
    scope: target.scope,
    state: 'preparing',
    jobId: null,
    error: null,
    createdAt: clock(),
    submittedAt: null,
    endedAt: null,
  }
  await saveBatch(db, batch, planned).catch((error: unknown) => {
    throw isTaken(error) ? new Conflict('Some of this is in another batch that is not over yet.') : error
  })
  if (planned.some(({ worstCaseUsd }) => worstCaseUsd === null)) {
    log.warn({ batchId, model: target.id }, 'the price of a batch is not known, so no money is set aside for it')
  }
  try {
    const { refusal } = await startBatch(part, batch, { isNew: true })
    if (!refusal) return { batchId, submitted: true }
    await dropBatch(part, { ...batch, error: refusal.message })
    throw refusal
  } catch (error) {
    if (!(await isWaiting(part, batchId))) throw error
    log.warn({ err: error, batchId }, 'a batch could not be started yet')
    return { batchId, submitted: false }
  } finally {
    await holdBatch(db, batchId, clock())
  }
}

async function isWaiting({ db }: Pick<BatchPart, 'db'>, batchId: string): Promise<boolean> {
  const row = await db.selectFrom('model_batch').select('state').where('id', '=', batchId).executeTakeFirst()
  return row?.state === 'preparing'
}

/** SQLSTATE 23505, unique_violation. */
const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '23505'
