import type { BatchPart } from './batch.ts'
import { holdBatch, LEASE_MS } from './queries.ts'

/** Keeps a batch for this process while it works through many records: to be called for each of them. */
export function keepLease({ db, clock }: Pick<BatchPart, 'db' | 'clock'>, batchId: string): () => Promise<void> {
  let heldAt = clock().getTime()
  return async () => {
    const now = clock().getTime()
    if (now - heldAt < LEASE_MS / 3) return
    heldAt = now
    await holdBatch(db, batchId, new Date(now + LEASE_MS))
  }
}
