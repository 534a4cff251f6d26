import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, inject } from 'vitest'
import { openEmbeddedDatabase } from '../embedded/index.ts'
import { createDatabase, type Db } from '../index.ts'
import { runOnServer } from './server.ts'

/** Real servers, in the projects that use them; in `unit` there are none, whatever the environment says. */
export const services: { databaseUrl?: string; redisUrl?: string } = inject('services')

export interface TestDatabase {
  db: Db
  url: string
  close: () => Promise<void>
}

/** Opens a migrated database of its own for one test file: embedded in memory, or on the server of the project. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const origin = inject('databaseOrigin')
  const { url, close } = await (origin.kind === 'dump' ? openFromDump(origin.file) : openFromTemplate(origin))
  const database = createDatabase(url)
  return {
    db: database.db,
    url,
    async close() {
      await database.close()
      await close()
    },
  }
}

/** A test database for the whole file; the returned function gives it, from inside tests and hooks. */
export function useTestDatabase(): () => TestDatabase {
  let database: TestDatabase | undefined
  beforeAll(async () => {
    database = await openTestDatabase()
  })
  afterAll(async () => {
    await database?.close()
  })
  return () => {
    if (!database) throw new Error('The test database is there only inside tests and hooks.')
    return database
  }
}

const openFromDump = (file: string) => openEmbeddedDatabase({ folder: 'memory', loadDataDir: file })

async function openFromTemplate({ serverUrl, name: template }: { serverUrl: string; name: string }) {
  const name = `dayshift_test_${randomBytes(6).toString('hex')}`
  await runOnServer(serverUrl, `create database ${name} template ${template}`)
  const url = new URL(serverUrl)
  url.pathname = name
  return { url: url.href, close: () => runOnServer(serverUrl, `drop database ${name} with (force)`) }
}

export { canStartServer, makeTemporaryServer, type TemporaryServer } from './temporary-server.ts'
