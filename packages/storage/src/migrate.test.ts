import { openEmbeddedDatabase } from '@dayshift/storage/embedded'
import { services } from '@dayshift/storage/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, type Database } from './database.ts'
import { checkMigrated, migrate, MigrationError, type Migration } from './migrate.ts'

const first: Migration = { name: '0001-first', text: 'create table one (id int)', sha256: 'a' }
const second: Migration = {
  name: '0002-second',
  text: 'create table two (id int); insert into one values (1)',
  sha256: 'b',
}

describe('migrations', () => {
  let url: string
  let close: () => Promise<void>
  let database: Database

  beforeAll(async () => {
    if (services.databaseUrl === undefined) {
      ;({ url, close } = await openEmbeddedDatabase({ folder: 'memory' }))
    } else {
      const server = createDatabase(services.databaseUrl)
      const name = `migrate_${process.pid}_${Date.now()}`
      await sql`create database ${sql.id(name)}`.execute(server.db)
      const own = new URL(services.databaseUrl)
      own.pathname = name
      url = own.href
      close = async () => {
        await sql`drop database ${sql.id(name)} with (force)`.execute(server.db)
        await server.close()
      }
    }
    database = createDatabase(url)
  })
  beforeEach(() => sql`drop table if exists one, two, migration`.execute(database.db))
  afterAll(async () => {
    await database.close()
    await close()
  })

  test('are applied once and in order', async () => {
    expect(await migrate(database.db, [first])).toEqual(['0001-first'])
    expect(await migrate(database.db, [first, second])).toEqual(['0002-second'])
    expect(await migrate(database.db, [first, second])).toEqual([])
    const { rows } = await sql<{ id: number }>`select id from one`.execute(database.db)
    expect(rows).toEqual([{ id: 1 }])
  })

  test('two processes at once apply them once', async () => {
    const other = createDatabase(url)
    const applied = await Promise.all([migrate(database.db, [first, second]), migrate(other.db, [first, second])])
    await other.close()
    expect(applied.flat()).toEqual(['0001-first', '0002-second'])
  })

  test('a failure changes nothing', async () => {
    const wrong: Migration = { name: '0002-wrong', text: 'create table two (id int); select 1/0', sha256: 'c' }
    await expect(migrate(database.db, [first, wrong])).rejects.toThrow(/division by zero/)
    const { rows } = await sql`select to_regclass('one') as one, to_regclass('migration') as migration`.execute(
      database.db,
    )
    expect(rows).toEqual([{ one: null, migration: null }])
  })

  test('an edited migration and a newer database are refused with what to do', async () => {
    await migrate(database.db, [first, second])
    await expect(migrate(database.db, [{ ...first, sha256: 'x' }, second])).rejects.toThrow(/must never be edited/)
    const newer = migrate(database.db, [first])
    await expect(newer).rejects.toBeInstanceOf(MigrationError)
    await expect(newer).rejects.toThrow(/0002-second.*newer version/)
  })

  test('a check takes a database with all that is expected, says what is missing or newer, and changes nothing', async () => {
    const before = checkMigrated(database.db, [first, second])
    await expect(before).rejects.toBeInstanceOf(MigrationError)
    await expect(before).rejects.toThrow(/expected 2 migrations, found 0; 0001-first, 0002-second are.*npm run migrate/)
    await migrate(database.db, [first])
    await expect(checkMigrated(database.db, [first, second])).rejects.toThrow(/found 1; 0002-second is missing/)
    expect(await checkMigrated(database.db, [first])).toEqual([])
    await migrate(database.db, [first, second])
    expect(await checkMigrated(database.db, [first, second])).toEqual([])
    expect(await checkMigrated(database.db, [first])).toEqual(['0002-second'])
    await expect(checkMigrated(database.db, [{ ...first, sha256: 'x' }, second])).rejects.toThrow(
      /must never be edited/,
    )
  })
})
