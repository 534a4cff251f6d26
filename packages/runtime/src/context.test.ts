import { readConfig } from '@dayshift/domain/config'
import { createDatabase, listMigrations, migrate } from '@dayshift/storage'
import { openTestDatabase } from '@dayshift/storage/testing'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { bringUpToDate } from './context.ts'

test('a process that may not migrate works on a newer database and says so: the way back of a release', async () => {
  const { url, close } = await openTestDatabase()
  onTestFinished(close)
  const database = createDatabase(url)
  onTestFinished(database.close)
  const { config } = readConfig({ MIGRATE_ON_START: 'false' })
  const lines: string[] = []
  const log = pino({}, { write: (line: string) => void lines.push(line) })
  await bringUpToDate(database.db, config, log)
  expect(lines).toEqual([])
  const newer = { name: '9999-newer', text: 'select 1', sha256: 'x' }
  await migrate(database.db, [...(await listMigrations()), newer])
  await bringUpToDate(database.db, config, log)
  expect(lines.map((line) => (JSON.parse(line) as { newer: string[] }).newer)).toEqual([['9999-newer']])
  await expect(bringUpToDate(database.db, { ...config, MIGRATE_ON_START: true }, log)).rejects.toThrow(/newer version/)
})
