import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { openEmbeddedDatabase } from '../embedded/index.ts'
import { dumpFile, keepDump } from '../embedded/prepared.ts'
import { createDatabase, listMigrations, migrate } from '../index.ts'
import { runOnServer } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where fresh databases come from: a dump for the embedded database, or a template database on a server. */
    databaseOrigin: { kind: 'dump'; file: string } | { kind: 'template'; serverUrl: string; name: string }
    services: { databaseUrl?: string; redisUrl?: string }
  }
}

const withServers = ['services', 'corpus', 'image']

/** Runs once for each project, before its tests. Only those `withServers` look at the servers of the environment. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { TEST_DATABASE_URL: databaseUrl, TEST_REDIS_URL: redisUrl } = process.env
  const mayUseServers = withServers.includes(project.name)
  if (project.name === 'services' && !databaseUrl) {
    const message = 'The project services needs TEST_DATABASE_URL, the address of a PostgreSQL server with pgvector.'
    throw Object.assign(new Error(message), { stack: message })
  }
  project.provide('services', {
    ...(mayUseServers && databaseUrl && { databaseUrl }),
    ...(mayUseServers && redisUrl && { redisUrl }),
  })
  if (mayUseServers && databaseUrl) return provideTemplate(project, databaseUrl)
  project.provide('databaseOrigin', { kind: 'dump', file: await makeDump() })
  return undefined
}

async function migrateAt(url: string) {
  const database = createDatabase(url)
  try {
    await migrate(database.db)
  } finally {
    await database.close()
  }
}

/** Makes the dump of a migrated database, unless an earlier run left the same one. */
async function makeDump(): Promise<string> {
  const file = dumpFile(await listMigrations())
  if (existsSync(file)) return file
  const { url, dump, close } = await openEmbeddedDatabase({ folder: 'memory' })
  await migrateAt(url)
  await keepDump(file, await dump())
  await close()
  return file
}

async function provideTemplate(project: TestProject, serverUrl: string): Promise<() => Promise<void>> {
  const name = `dayshift_template_${randomBytes(6).toString('hex')}`
  await runOnServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = name
  await migrateAt(url.href)
  project.provide('databaseOrigin', { kind: 'template', serverUrl, name })
  return () => runOnServer(serverUrl, `drop database ${name} with (force)`)
}
