import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Kysely, PostgresDialect } from 'kysely'
import { Client, Pool } from 'pg'
// @boundaries-ignore tests need a PostgreSQL where there is no server; the package itself does not know storage
import { openEmbeddedDatabase } from '../../../storage/src/embedded/index.ts'

export interface TestDatabase {
  url: string
  db: Kysely<unknown>
  query: <Row>(text: string, values?: unknown[]) => Promise<Row[]>
  close(): Promise<void>
}

/** A database with an empty outbox: a new one on the server at `serverUrl`, or without a server an embedded one. */
export async function openTestDatabase(serverUrl: string | undefined): Promise<TestDatabase> {
  const { url, drop } = serverUrl === undefined ? await openEmbedded() : await createOn(serverUrl)
  const database = connectTo(url)
  await database.query(readFileSync(new URL('outbox.sql', import.meta.url), 'utf8'))
  return {
    ...database,
    async close() {
      await database.close()
      await drop()
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

async function openEmbedded() {
  const { url, close } = await openEmbeddedDatabase({ folder: 'memory' })
  return { url, drop: close }
}

async function createOn(serverUrl: string) {
  const name = `queue_test_${randomBytes(6).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = name
  await runOn(serverUrl, `create database ${name}`)
  return { url: url.href, drop: () => runOn(serverUrl, `drop database ${name} with (force)`) }
}

async function runOn(serverUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
