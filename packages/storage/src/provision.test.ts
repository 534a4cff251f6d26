import { canStartServer, makeTemporaryServer, services, type TemporaryServer } from '@dayshift/storage/testing'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createDatabase } from './database.ts'
import { migrate } from './migrate.ts'
import { provision, ProvisionError } from './provision.ts'
import { openServer, type PostgresServer } from './server.ts'

const wanted = { role: 'app-role', password: 'app "pass" \'word\'', database: 'app-data' }

describe.skipIf(!services.databaseUrl || !canStartServer)('making the role and the database of the application', () => {
  let server: TemporaryServer
  let admin: PostgresServer
  beforeAll(async () => {
    server = await makeTemporaryServer()
    // Like the master user of RDS: no superuser. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html
    await server.run(`create role master login createrole createdb password 'of the master'`)
    admin = await openServer(server.urlOf('master', 'of the master'))
  })
  afterAll(() => server?.remove())
  beforeEach(async () => {
    await server.run(`drop database if exists "app-data" with (force)`)
    await server.run(`drop role if exists "app-role"`)
    await server.run(`drop extension if exists vector`, 'template1')
  })

  async function askAsApplication(password: string) {
    const { db, close } = createDatabase(await openServer(server.urlOf(wanted.role, password, wanted.database)))
    try {
      return await migrate(db)
    } finally {
      await close()
    }
  }

  test('an administrator who is no superuser makes them, as often as asked, and the application migrates as their owner', async () => {
    await server.run('create extension vector', 'template1')
    await Promise.all([provision(admin, wanted), provision(admin, wanted)])
    await provision(admin, wanted)
    expect(
      await server.run(`select pg_get_userbyid(datdba) as owner from pg_database where datname = 'app-data'`),
    ).toEqual([{ owner: 'app-role' }])
    expect(
      await server.run(
        `select rolsuper, rolcreaterole, rolcreatedb, rolcanlogin from pg_roles where rolname = 'app-role'`,
      ),
    ).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolcanlogin: true }])
    expect((await askAsApplication(wanted.password)).length).toBeGreaterThan(0)
    expect(await askAsApplication(wanted.password)).toEqual([])
  })

  test('the password of the role follows the one that is given', async () => {
    await server.run('create extension vector', 'template1')
    await provision(admin, wanted)
    await provision(admin, { ...wanted, password: 'the next one' })
    await expect(askAsApplication(wanted.password)).rejects.toMatchObject({ code: '28P01' })
    expect((await askAsApplication('the next one')).length).toBeGreaterThan(0)
  })

  test('a database that the administrator has made himself becomes the application’s', async () => {
    await server.run('create extension vector', 'template1')
    await server.run('create database "app-data" owner master')
    await provision(admin, wanted)
    expect((await askAsApplication(wanted.password)).length).toBeGreaterThan(0)
  })

  test('the password itself is never sent to the server', async () => {
    await server.run('create extension vector', 'template1')
    const sent: string[] = []
    const query = Client.prototype.query
    Client.prototype.query = function (this: Client, ...args: unknown[]) {
      sent.push(JSON.stringify(args[0]))
      return query.apply(this, args as never) as never
    }
    onTestFinished(() => void (Client.prototype.query = query))
    await provision(admin, { ...wanted, password: 'never-sent-in-clear' })
    expect(sent.join()).toContain('SCRAM-SHA-256$4096:')
    expect(sent.join()).not.toContain('never-sent-in-clear')
  })

  test('where only a superuser may install the extension, the message says so', async () => {
    const [row] = await server.run(
      `select bool_or(trusted) as trusted from pg_available_extension_versions where name = 'vector'`,
    )
    expect(row).toEqual({ trusted: false })
    const refused = provision(admin, wanted)
    await expect(refused).rejects.toBeInstanceOf(ProvisionError)
    await expect(refused).rejects.toThrow(
      /may not install the extension vector in the database app-data.*rds_superuser/,
    )
  })

  test('an administrator who may not make roles or databases is told what he lacks', async () => {
    await server.run(`create role weak login password 'weak'`)
    onTestFinished(async () => void (await server.run('drop role weak')))
    const weak = await openServer(server.urlOf('weak', 'weak'))
    await expect(provision(weak, wanted)).rejects.toThrow(/may not make the role app-role.*CREATEROLE/)
    await expect(provision(weak, wanted)).rejects.not.toThrow(wanted.password)
  })

  test('a role of the same name keeps what it has', async () => {
    await server.run('create extension vector', 'template1')
    await provision(admin, wanted)
    await askAsApplication(wanted.password)
    const { db, close } = createDatabase(await openServer(server.urlOf(wanted.role, wanted.password, wanted.database)))
    onTestFinished(close)
    await sql`create table kept (id int)`.execute(db)
    await provision(admin, wanted)
    expect((await sql`select to_regclass('kept') as kept`.execute(db)).rows).toEqual([{ kept: 'kept' }])
  })
})
