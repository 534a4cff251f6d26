import type { Context } from '@dayshift/domain/context'
import { type Ledger, LlmModelNotFound } from '@dayshift/llm'
import { type BatchFeature, type BatchPart, toPart } from './batch.ts'
import { collectBatch, dropBatch } from './collect.ts'
import { type BatchRow, claimBatch, holdBatch, listFreeBatches, markEnded } from './queries.ts'
import { startBatch } from './start.ts'

/** No job of the vendor lasts longer; one that it does not know then is over. */
const LONGEST_JOB_MS = 72 * 3_600_000

/** Goes on with every batch that is not over: those that a dead process left, too. Returns how many were over after it. */
export async function pollBatches(
  { db, clock, log, batches, ledger }: Pick<Context, 'db' | 'clock' | 'log' | 'batches'> & { ledger?: Ledger },
  features: BatchFeature[],
): Promise<{ finished: number; waiting: number }> {
  const ids = await listFreeBatches(db, clock())
  if (!batches) {
    if (ids.length > 0) log.warn({ batches: ids.length }, 'batches wait, and batch inference is not set up')
    return { finished: 0, waiting: ids.length }
  }
  const part = toPart({ db, clock, log, batches, ledger })
  let finished = 0
  for (const id of ids) {
    const batch = await claimBatch(db, id, clock())
    if (!batch) continue
    try {
      if (await goOn(part, batch, features)) finished += 1
    } catch (error) {
      log.warn({ err: error, batchId: id }, 'a batch waits for the next poll')
    }
    await holdBatch(db, id, clock())
  }
  return { finished, waiting: ids.length - finished }
}

function featureOf({ feature }: BatchRow, features: BatchFeature[]): BatchFeature {
  const found = features.find(({ name }) => name === feature)
  if (!found) throw new Error(`No feature takes the answers of ${feature}.`)
  return found
}

/** True when the batch is over. */
async function goOn(part: BatchPart, batch: BatchRow, features: BatchFeature[]): Promise<boolean> {
  if (batch.state === 'preparing') {
    const { refusal } = await startBatch(part, batch, { isNew: false })
    if (!refusal) return false
    part.log.error({ err: refusal, batchId: batch.id }, 'a batch was refused')
    await dropBatch(part, { ...batch, error: refusal.message })
    return true
  }
  const ended = batch.state === 'collecting' ? batch : await findEnd(part, batch)
  if (!ended) return false
  if (ended.jobId === null) await dropBatch(part, ended)
  else await collectBatch(part, ended, featureOf(ended, features))
  return true
}

/** The batch as it ended, once it has. */
async function findEnd({ db, clock, log, batches }: BatchPart, batch: BatchRow): Promise<BatchRow | undefined> {
  const { state, message } = await batches.poll(batch.jobId ?? '').catch((error: unknown) => {
    const isOld = clock().getTime() - batch.createdAt.getTime() > LONGEST_JOB_MS
    if (error instanceof LlmModelNotFound && isOld) return { state: 'failed' as const, message: error.message }
    throw error
  })
  if (state === 'waiting' || state === 'running') return undefined
  if (state !== 'done') log.error({ batchId: batch.id, state, message }, 'the job of a batch did not end well')
  const error =
    state === 'done'
      ? message
      : `The job ${state === 'failed' ? state : `was ${state}`}: ${message ?? 'no reason was given'}`
  return markEnded(db, batch.id, error ?? null, clock())
}
