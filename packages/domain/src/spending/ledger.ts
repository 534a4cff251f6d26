import type { Log } from '@dayshift/domain/context'
import type { Ledger, PlannedCall } from '@dayshift/llm'
import type { Db } from '@dayshift/storage'
import { createGroups } from './groups.ts'
import { createLateWrites } from './late-writes.ts'
import { reserve, reserveAll } from './reserve.ts'
import { record, settle, type Settlement } from './settle.ts'

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
  // Calls change the same few rows of budgets, which one transaction after another would hold until it is on the disk.
  const reserving = createGroups<PlannedCall, void>({
    together: async (calls) => ((await reserveAll(db, calls)) ? calls.map(() => undefined) : undefined),
    alone: (call) => reserve(db, call),
  })
  const settling = createGroups<Settlement, void>({
    together: async (settlements) => {
      await settle(db, settlements)
      return settlements.map(() => undefined)
    },
    alone: (settlement) => settle(db, [settlement]),
  })
  return {
    reserve: (call) => reserving(call),
    settle: (id, outcome) => writes.write(() => settling({ id, outcome })),
    record: (call, outcome) => writes.write(() => record(db, call, outcome)),
    close: () => writes.close(),
  }
}
