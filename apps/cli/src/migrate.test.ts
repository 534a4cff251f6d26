import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { canStartServer, makeTemporaryServer, services, type TemporaryServer } from '@dayshift/storage/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from './testing/start.ts'

async function start(entry: string, env: Record<string, string>) {
  const main = fileURLToPath(new URL(`../../${entry}`, import.meta.url))
  const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'] ?? '', ...env } })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (child.exitCode === null) await once(child, 'exit')
  // Without those of the log.
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  return { status: child.exitCode, stdout, lines }
}

const migrate = (env: Record<string, string>) => start('cli/src/migrate.ts', env)

describe.skipIf(!services.databaseUrl || !canStartServer)(
  'the migration as a program of its own',
  { timeout: 60_000 },
  () => {
    let server: TemporaryServer
    let env: Record<string, string>
    beforeAll(async () => {
      server = await makeTemporaryServer()
      await server.run(`create role master login createrole createdb password 'of the master'`)
      await server.run('create extension vector', 'template1')
      const password = join(temporaryFolderOfFile(), 'password')
      writeFileSync(password, 'of the application\n')
      env = {
        DATABASE_URL: `${server.urlOf('app', '', 'app')}?sslmode=verify-full`,
        DATABASE_PASSWORD_FILE: password,
        DATABASE_CA_FILE: server.caFile,
      }
    })
    afterAll(() => server?.remove())

    const temporaryFolderOfFile = (): string => server.caFile.replace(/\/[^/]+$/, '')
    const admin = () => ({
      DATABASE_ADMIN_URL: `${server.urlOf('master')}?sslmode=verify-full`,
      DATABASE_ADMIN_PASSWORD: 'of the master',
    })

    test('without the database the web says in one line what is to be done', async () => {
      const { status, lines } = await start('web/src/main.ts', { ...env, MIGRATE_ON_START: 'false' })
      expect(status).toBe(1)
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(
        /^dayshift: Expected that PostgreSQL at localhost:\d+ lets the role "app" in, but: password auth/,
      )
      expect(lines[0]).not.toContain('of the application')
    })

    test('makes the role and the database with an administrator, and may be repeated, by two at once', async () => {
      const [one, two] = await Promise.all([migrate({ ...env, ...admin() }), migrate({ ...env, ...admin() })])
      expect([one.status, two.status, one.lines, two.lines]).toEqual([0, 0, [], []])
      expect(one.stdout).toContain('app@app')
      expect([one.stdout, two.stdout].filter((text) => text.includes('Applied 0001-foundation'))).toHaveLength(1)
      const again = await migrate(env)
      expect([again.status, again.stdout]).toEqual([0, 'The database is up to date.\n'])
    })

    test('a web and a worker that may not migrate refuse a database that was changed or that lacks a migration', async () => {
      await migrate({ ...env, ...admin() })
      const entries = ['web/src/main.ts', 'worker/src/main.ts']
      const refusalOf = async (entry: string): Promise<string | undefined> => {
        const given = { ...env, MIGRATE_ON_START: 'false', DAYSHIFT_DATA: temporaryFolder() }
        const { status, lines } = await start(entry, given)
        expect([status, lines.length]).toEqual([1, 1])
        return lines[0]
      }
      await server.run(`update migration set sha256 = 'x' || sha256 where name = '0001-foundation'`, 'app')
      for (const entry of entries) {
        expect(await refusalOf(entry)).toMatch(/^dayshift: Migration 0001-foundation in the database is not/)
      }
      await server.run(`update migration set sha256 = substr(sha256, 2) where name = '0001-foundation'`, 'app')
      await server.run('alter table migration rename to aside', 'app')
      for (const entry of entries) {
        expect(await refusalOf(entry)).toMatch(
          /^dayshift: The database is not up to date.*0001-foundation.* missing.*npm run migrate/,
        )
      }
      await server.run('alter table aside rename to migration', 'app')
    })

    test.each([
      [{ DATABASE_URL: '', DATABASE_PASSWORD_FILE: '' }, /needs DATABASE_URL.*DATABASE_URL_FILE/],
      [{ DATABASE_PASSWORD_FILE: '' }, /DATABASE_PASSWORD is missing/],
      [{ DATABASE_URL: 'postgres://localhost' }, /expected postgres:\/\/role@host:5432\/database/],
      [
        { DATABASE_PASSWORD_FILE: '', DATABASE_PASSWORD: 'Straße' },
        /DATABASE_PASSWORD \(value not shown\): expected printable ASCII/,
      ],
      [{ DATABASE_CA_FILE: '/nowhere' }, /DATABASE_CA_FILE.*ENOENT/],
    ])('%j is refused in one line', async (wrong, message) => {
      const { status, lines } = await migrate({ ...env, ...admin(), ...wrong })
      expect([status, lines.length]).toEqual([1, 1])
      expect(lines[0]).toMatch(message)
      expect(lines[0]).not.toContain('Straße')
    })

    test('a database that comes up later is waited for as long as it is said', async () => {
      await server.stop()
      const early = await migrate(env)
      expect(early.lines).toEqual([expect.stringMatching(/^dayshift: .*ECONNREFUSED.*DATABASE_URL/)])
      const waiting = migrate({ ...env, ...admin(), DATABASE_WAIT_S: '30' })
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      await server.start()
      expect(await waiting).toMatchObject({ status: 0, lines: [] })
    })
  },
)
