import type { InvocationLogs } from '@dayshift/domain/spending'
import type { BatchModels, Llm } from '@dayshift/llm'
import type { Outbound } from '@dayshift/outbound'
import type { Sandbox } from '@dayshift/sandbox'
import type { Db } from '@dayshift/storage'
import type { ObjectStore } from '@dayshift/storage/objects'
import type { BaseLogger } from 'pino'

export type Log = Pick<BaseLogger, 'debug' | 'info' | 'warn' | 'error'>

/**
 * What the work needs from outside, chosen once in a `main.ts`. A function asks for the part that it uses:
 * `Pick<Context, 'db' | 'llm'>`. Jobs are enqueued with the database handle, so that they join its transaction.
 */
export interface Context {
  db: Db
  objects: ObjectStore
  llm: Llm
  /** For much at once that may wait a day; absent: it is asked by the ordinary way. */
  batches?: BatchModels
  /** Bedrock's own log settles calls whose end we did not see; absent: their worst case goes on counting. */
  invocationLogs?: InvocationLogs
  /** The guarded client: the only way to a foreign host. */
  outbound: Outbound
  /** Runs parsers of foreign documents under a wall clock and a heap limit. */
  sandbox: Sandbox
  log: Log
  /** The time now. */
  clock: () => Date
}
