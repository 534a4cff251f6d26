import { isGone } from '@dayshift/domain/errors'
import { type BatchResult, type BatchTotals, type CallOutcome, costOf, LlmAnswerInvalid } from '@dayshift/llm'
import { inTransaction } from '@dayshift/storage'
import { type BatchFeature, type BatchPart, jobNameOf } from './batch.ts'
import { keepLease } from './lease.ts'
import { type BatchItemRow, type BatchRow, endItem, listOpenItems, markFinished } from './queries.ts'
import { NOT_ASKED } from './start.ts'

/** An answer that could not be used for so long is let go. */
const GIVE_UP_MS = 24 * 3_600_000

type Answered = Extract<BatchResult, { reply: unknown }>

/**
 * Takes in what a job left. Each record is settled in the ledger, which does nothing the second time, and then used and
 * ended in one transaction: whatever dies in between, going through it all again does the rest.
 * What the vendor failed on by itself is asked again by the ordinary way. What it did not come to is not: that would cost
 * the double of what was agreed to, and the next back-fill finds it.
 * @throws what kept an answer from being used; the batch is then not over.
 */
export async function collectBatch(part: BatchPart, batch: BatchRow, feature: BatchFeature): Promise<void> {
  const { db, clock, log, batches, ledger } = part
  const job = { jobId: batch.jobId ?? '', jobName: jobNameOf(batch.id) }
  const stillHere = keepLease(part, batch.id)
  const open = new Map((await listOpenItems(db, batch.id)).map((item) => [item.recordId, item]))
  const errors = new Map<string, string>()
  const troubles: unknown[] = []
  const counted: BatchTotals = { inputTokens: 0, outputTokens: 0 }
  for await (const result of batches.collect(job)) {
    await stillHere()
    if ('error' in result) {
      errors.set(result.recordId, result.error)
      continue
    }
    count(counted, result)
    const item = open.get(result.recordId)
    open.delete(result.recordId)
    if (item) await takeAnswer(part, batch, item, result, feature).catch((error: unknown) => troubles.push(error))
  }
  const totals = await batches.findTotals(job)
  const isMore = totals && (totals.inputTokens > counted.inputTokens || totals.outputTokens > counted.outputTokens)
  if (isMore) log.error({ batchId: batch.id, totals, counted }, 'a batch was billed for more than its answers say')
  const unused: CallOutcome = {
    ...NOT_ASKED,
    result: 'BatchRecordFailed',
    ...(isMore && { usage: 'unknown', costUsd: null }),
  }
  for (const item of open.values()) {
    await stillHere()
    await ledger.settle(item.callId, unused)
    const error = errors.get(item.recordId)
    if (error !== undefined) await failItem(part, batch, item, error, feature)
    else await failItem(part, batch, item, batch.error ?? 'The job ended without an answer to this.')
  }
  if (troubles.length > 0) throw troubles[0]
  await markFinished(db, batch.id, clock())
}

/** Ends a batch that the vendor does not have: no record of it was asked. */
export async function dropBatch(part: BatchPart, batch: BatchRow): Promise<void> {
  for (const item of await listOpenItems(part.db, batch.id)) {
    await part.ledger.settle(item.callId, NOT_ASKED)
    await failItem(part, batch, item, batch.error ?? 'It was not asked.')
  }
  await markFinished(part.db, batch.id, part.clock())
}

async function takeAnswer(
  part: BatchPart,
  batch: BatchRow,
  item: BatchItemRow,
  { reply }: Answered,
  feature: BatchFeature,
): Promise<void> {
  const { db, clock, log, batches, ledger } = part
  const { provider, model, submittedAt, endedAt } = batch
  const cost = reply.usage && costOf(batches.recall(model), reply.usage, 'batch')
  if (cost?.costUsd === null) log.warn({ batchId: batch.id, model }, 'the price of an answered record is not known')
  const costUsd = cost?.costUsd ?? null
  const tookMs = submittedAt && endedAt ? endedAt.getTime() - submittedAt.getTime() : 0
  const outcome = { result: 'ok', usage: reply.usage ?? 'unknown', costUsd, tookMs, firstPieceMs: null } as const
  await ledger.settle(item.callId, outcome)
  try {
    await inTransaction(db, async (tx) => {
      // First, because it is locked then: nobody else uses the same answer.
      if (!(await endItem(tx, batch.id, item.recordId, { state: 'done' }))) return
      const { promptVersion } = item
      await feature.apply(tx, item.ref, {
        reply,
        provider,
        model,
        promptVersion,
        costUsd,
        answeredAt: endedAt ?? clock(),
      })
    })
  } catch (error) {
    const isOld = clock().getTime() - (endedAt ?? batch.createdAt).getTime() > GIVE_UP_MS
    if (error instanceof LlmAnswerInvalid) await failItem(part, batch, item, error.message, feature)
    else if (isGone(error) || isOld) await failItem(part, batch, item, String(error))
    else throw error
  }
}

/** With a feature it is asked again by the ordinary way. */
async function failItem(
  { db, log }: BatchPart,
  batch: BatchRow,
  item: BatchItemRow,
  error: string,
  feature?: BatchFeature,
): Promise<void> {
  log.warn(
    { batchId: batch.id, recordId: item.recordId, error, retried: feature !== undefined },
    'a record of a batch failed',
  )
  await inTransaction(db, async (tx) => {
    if (!(await endItem(tx, batch.id, item.recordId, { state: 'failed', error }))) return
    await feature?.retry(tx, item.ref)
  })
}

function count(totals: BatchTotals, { reply: { usage } }: Answered): void {
  if (!usage) return
  totals.inputTokens += usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  totals.outputTokens += usage.outputTokens
}
