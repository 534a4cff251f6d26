import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'

export interface TestDatabase {
  url: string
  db: Kysely<unknown>
  query: <Row>(text: string, values?: unknown[]) => Promise<Row[]>
  close(): Promise<void>
}

/** A database with an empty outbox: a new one on the server of the project, or without a server an embedded one. */
export async function openTestDatabase(): Promise<TestDatabase> {
  // @boundaries-ignore tests need a migrated PostgreSQL; the package itself does not know storage
  const { openTestDatabase: open } = await import('../../../storage/src/testing/index.ts')
  const origin = await open()
  const database = connectTo(origin.url)
  return {
    ...database,
    async close() {
      await database.close()
      await origin.close()
    },
  }
}

/** A database that is there already. */
export function connectTo(url: string): TestDatabase {
  const pool = new Pool({ connectionString: url, max: 8 })
  pool.on('error', () => {})
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  return {
    url,
    db,
    query: async <Row>(text: string, values?: unknown[]) => (await pool.query(text, values)).rows as Row[],
    close: () => db.destroy(),
  }
}
