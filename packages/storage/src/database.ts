import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import { type CustomTypesConfig, Pool, types } from 'pg'
import { withPrepared } from './prepared.ts'
import { type PostgresServer, serverAt } from './server.ts'
import type { Tables } from './tables.ts'

/** The database, or a transaction in it: every query function takes one as its first argument. */
export type Db = Kysely<Tables>
export type DbTransaction = Transaction<Tables>

export interface Database {
  db: Db
  /** Waits for the queries under way, then closes every connection. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  maxConnections?: number
  /** Called when an idle connection breaks: the pool replaces it, nobody needs to act. */
  onIdleError?: (error: Error) => void
}

/** Opens a pool of connections to a PostgreSQL server, or to the one at a URL; connects with the first query. */
export function createDatabase(
  place: string | PostgresServer,
  { maxConnections = 10, onIdleError }: DatabaseOptions = {},
): Database {
  const server = typeof place === 'string' ? serverAt(place) : place
  const pool = new Pool({ ...server.options, max: maxConnections, types: { getTypeParser } })
  pool.on('error', (error) => onIdleError?.(error))
  // A connection that breaks under a query fails the query, which is told. Without a listener it would also end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withPrepared(pool, server) }) })
  return { db, close: () => db.destroy() }
}

/** Runs `work` in a transaction: all of it is kept, or nothing when it throws. */
export function inTransaction<Result>(db: Db, work: (tx: DbTransaction) => Promise<Result>): Promise<Result> {
  return db.transaction().execute(work)
}

// OID 1082 is `date` (pg_type.dat): it stays text, so no time zone can move a day.
const DATE: number = 1082
const getTypeParser: CustomTypesConfig['getTypeParser'] = (oid: number, format?: 'text' | 'binary') =>
  oid === DATE ? (value: string) => value : types.getTypeParser(oid, format)
