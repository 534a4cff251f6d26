import type { Log } from '@dayshift/domain/context'
import type { Ledger } from '@dayshift/llm'
import type { Db } from '@dayshift/storage'
import { createLateWrites } from './late-writes.ts'
import { reserve } from './reserve.ts'
import { record, settle } from './settle.ts'

export interface LedgerOptions {
  log?: Pick<Log, 'warn' | 'error'>
  /** How long `close` waits for a database that is away. */
  closeTimeoutMs?: number
}

/** The ledger in the database, shared by all processes. */
export interface DbLedger extends Ledger {
  /** Waits for what is still to be written. */
  close(): Promise<void>
}

/**
 * The ledger in `db`. A paid call needs the database before it is sent. What it cost is written as soon as the database
 * answers again, so `settle` and `record` fail only for what it can never take; if the process dies before that, the call
 * is overdue and the vendor's log settles it.
 */
export function createLedger(db: Db, { log, closeTimeoutMs = 5_000 }: LedgerOptions = {}): DbLedger {
  const writes = createLateWrites({ log, closeTimeoutMs })
  return {
    reserve: (call) => reserve(db, call),
    settle: (callId, outcome) => writes.write(() => settle(db, callId, outcome)),
    record: (call, outcome) => writes.write(() => record(db, call, outcome)),
    close: () => writes.close(),
  }
}
