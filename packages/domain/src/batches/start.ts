import {
  type CallOutcome,
  LlmModelNotFound,
  LlmNotAllowed,
  LlmOverBudget,
  LlmRefusedRequest,
  type PlannedCall,
} from '@dayshift/llm'
import { v7 as uuidv7 } from 'uuid'
import { type BatchPart, jobNameOf } from './batch.ts'
import { keepLease } from './lease.ts'
import { type BatchItemRow, type BatchRow, listOpenItems, markEnded, markReserved, markSubmitted } from './queries.ts'
import { setCallId } from './queries.ts'

/** A job takes at most a day from when the vendor has it, and it may be late in getting it. */
const DUE_MS = 48 * 3_600_000
/** A job that the vendor would not take for so long is given up, so that its records end before they are due. */
const GIVE_UP_MS = 12 * 3_600_000

/** Of a record that was never asked. */
export const NOT_ASKED: CallOutcome = {
  result: 'not-asked',
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
  costUsd: 0,
  tookMs: 0,
  firstPieceMs: null,
}

/**
 * Sets the money of every record aside and starts the vendor's job. `isNew` is false when another process may have died in
 * the middle of this. With a `refusal` the batch is over and its records are to be given up.
 * @throws anything that a later try may mend.
 */
export async function startBatch(
  part: BatchPart,
  batch: BatchRow,
  { isNew }: { isNew: boolean },
): Promise<{ refusal?: Error }> {
  const { db, clock, batches } = part
  const jobName = jobNameOf(batch.id)
  // Before all else: a job that runs is never given up.
  const known = isNew ? undefined : await batches.find(jobName)
  try {
    if (!known) await reserveItems(part, batch, isNew)
    const { jobId } = known ?? (await batches.submit({ jobName, target: batches.recall(batch.model) }))
    await markSubmitted(db, batch.id, jobId, clock())
    return {}
  } catch (error) {
    const isOld = clock().getTime() - batch.createdAt.getTime() > GIVE_UP_MS
    if (known || !(error instanceof Error) || !(isRefusal(error) || isOld)) throw error
    await markEnded(db, batch.id, error.message, clock())
    return { refusal: error }
  }
}

/** What the same call would meet again. */
const isRefusal = (error: Error): boolean =>
  [LlmOverBudget, LlmRefusedRequest, LlmNotAllowed, LlmModelNotFound].some((kind) => error instanceof kind)

async function reserveItems(part: BatchPart, batch: BatchRow, isNew: boolean): Promise<void> {
  const { db, clock, ledger } = part
  const stillHere = keepLease(part, batch.id)
  for (const item of await listOpenItems(db, batch.id)) {
    if (item.state === 'reserved') continue
    await stillHere()
    let { callId } = item
    if (!isNew) {
      // Whoever died may have entered it in the ledger or not: that entry costs nothing, and a new one takes its place.
      await ledger.settle(callId, NOT_ASKED)
      callId = uuidv7()
      await setCallId(db, batch.id, item.recordId, callId)
    }
    await ledger.reserve(plan(batch, { ...item, callId }, clock()))
    await markReserved(db, batch.id, item.recordId)
  }
}

const plan = (batch: BatchRow, item: BatchItemRow, now: Date): PlannedCall => ({
  id: item.callId,
  requestId: batch.id,
  attempt: 1,
  operation: 'batch',
  feature: batch.feature,
  accountId: null,
  provider: batch.provider,
  model: batch.model,
  scope: batch.scope,
  tier: 'batch',
  promptVersion: item.promptVersion,
  startedAt: now,
  worstCaseUsd: item.worstCaseUsd,
  dueAt: new Date(now.getTime() + DUE_MS),
})
