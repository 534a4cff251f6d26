import type { Context } from '@dayshift/domain/context'
import { createLedger } from '@dayshift/domain/spending'
import type { BatchModels, Ledger, Reply, TextRequest } from '@dayshift/llm'
import type { Db } from '@dayshift/storage'

/** What a feature does with the answers to its batches. Both run in the transaction that ends the record. */
export interface BatchFeature {
  /** As in its requests. */
  name: string
  /**
   * Keeps one answer. @throws LlmAnswerInvalid for one that is of no use; NotFound when what it was for is gone; anything
   * else lets the same answer be given again at the next poll.
   */
  apply(tx: Db, ref: unknown, answer: BatchAnswer): Promise<void>
  /** Asks the same by the ordinary way, when the vendor failed on this one record or the answer was of no use. */
  retry(tx: Db, ref: unknown): Promise<void>
}

export interface BatchAnswer {
  reply: Reply
  provider: string
  model: string
  promptVersion: string | null
  costUsd: number | null
  answeredAt: Date
}

export interface NewBatch {
  feature: string
  /** The operator's choice when absent. */
  model?: string | undefined
  items: NewBatchItem[]
}

export interface NewBatchItem {
  /** What is asked for once at a time, such as `article.summary` of one article. */
  subject: string
  /** JSON that the feature needs to use the answer. */
  ref: unknown
  request: TextRequest<unknown>
}

export const jobNameOf = (batchId: string): string => `dayshift-${batchId}`

/** Eleven letters and digits, as the vendor wants them. */
export const recordIdOf = (index: number): string => `R${String(index).padStart(10, '0')}`

type Needed = Pick<Context, 'db' | 'clock' | 'log'> & { batches: BatchModels }

/** What a step of a batch works with. */
export interface BatchPart extends Needed {
  /** Where the money of each record is counted. */
  ledger: Ledger
}

/** The context as batches need it; the ledger is the database's own unless there is another. */
export const toPart = ({ db, clock, log, batches, ledger }: Needed & { ledger?: Ledger | undefined }): BatchPart => ({
  db,
  clock,
  log,
  batches,
  ledger: ledger ?? createLedger(db, { log }),
})
export type BatchContext = Parameters<typeof toPart>[0]
