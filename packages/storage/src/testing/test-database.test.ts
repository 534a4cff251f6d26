import { sql } from 'kysely'
import { expect, inject, test } from 'vitest'
import { listMigrations } from '../index.ts'
import { openTestDatabase, services, useTestDatabase } from './index.ts'

const database = useTestDatabase()

test('a test database has every migration', async () => {
  const { rows } = await sql<{ name: string }>`select name from migration order by name`.execute(database().db)
  expect(rows.map(({ name }) => name)).toEqual((await listMigrations()).map(({ name }) => name))
})

test('two test databases do not see each other', async () => {
  const other = await openTestDatabase()
  await sql`create table only_here (id int)`.execute(other.db)
  const { rows } = await sql`select 1 from pg_tables where tablename = 'only_here'`.execute(database().db)
  expect(rows).toEqual([])
  await other.close()
})

test('only the project that is asked for servers uses them', () => {
  expect(inject('databaseOrigin').kind).toBe(services.databaseUrl === undefined ? 'dump' : 'template')
  expect(new URL(database().url).port === new URL(services.databaseUrl ?? 'tcp://none').port).toBe(
    services.databaseUrl !== undefined,
  )
})
