import type { TextRequest } from './llm.ts'
import type { Reply, Target } from './provider.ts'

/**
 * Many text requests in one job that is answered within a day or so, at about half the price. A job is named by us: its name
 * says where its requests and answers lie.
 */
export interface BatchModels {
  /** The vendor takes no job of fewer records. */
  readonly minRecords: number
  readonly maxRecords: number
  /** The model behind a name, or the operator's choice. @throws LlmModelNotFound */
  resolve(name?: string): Target
  /** The same target again by its id, which was asked then, though the model may have ended since. */
  recall(id: string): Target
  /**
   * Puts the requests where the vendor will read them, in place of any that lie there; nothing is asked or paid yet.
   * @throws LlmRefusedRequest for too few or too many records, record ids that are not 11 letters or digits, and tools.
   */
  prepare(batch: PreparedBatch): Promise<void>
  /** The job that was started under this name. */
  find(jobName: string): Promise<{ jobId: string } | undefined>
  /**
   * Starts the job whose requests were prepared. When the answer was lost it may run although this failed: `find` tells, and
   * a second start under the same name soon after gives the same job. @throws LlmError
   */
  submit(job: NewBatchJob): Promise<{ jobId: string }>
  /** @throws LlmModelNotFound when the vendor knows no such job. */
  poll(jobId: string): Promise<BatchProgress>
  /** What a job that ended left, in any order; a record that was not worked on is missing. */
  collect(job: BatchJob): AsyncIterable<BatchResult>
  /** What the vendor counted for the whole job; undefined when it left no account. */
  findTotals(job: BatchJob): Promise<BatchTotals | undefined>
  /** What was worked on until then is answered and billed. A job that ended already stays as it is. */
  stop(jobId: string): Promise<void>
  close(): void
}

export interface PreparedBatch {
  jobName: string
  target: Target
  requests: Iterable<BatchRequest> | AsyncIterable<BatchRequest>
}

export interface BatchRequest {
  recordId: string
  request: TextRequest<unknown>
}

interface NewBatchJob {
  /** At most 63 letters, digits and hyphens, a letter or digit first. */
  jobName: string
  target: Target
}

export interface BatchJob {
  jobId: string
  jobName: string
}

/** `expired` did not begin in time, `stopped` was stopped by somebody; `done` may lack records that the time did not suffice for. */
export type BatchJobState = 'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'expired'

export interface BatchProgress {
  state: BatchJobState
  /** The vendor's words. */
  message?: string | undefined
  counts?: { total: number; processed: number; succeeded: number; failed: number } | undefined
}

/** `error` is in the vendor's words, or says what is wrong with the answer. */
export type BatchResult = { recordId: string; reply: Reply } | { recordId: string; error: string }

export interface BatchTotals {
  inputTokens: number
  outputTokens: number
}

/** Where requests and answers lie: objects in the bucket that the vendor reads and writes. */
export interface BatchObjects {
  put(key: string, body: AsyncIterable<Uint8Array>): Promise<void>
  read(key: string): AsyncIterable<Uint8Array>
  /** All keys that begin so. */
  list(prefix: string): Promise<string[]>
}
