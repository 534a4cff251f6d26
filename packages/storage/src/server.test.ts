import { createServer } from 'node:net'
import { canStartServer, makeTemporaryServer, services, type TemporaryServer } from '@dayshift/storage/testing'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createDatabase } from './database.ts'
import { openServer, type RotatingPassword, waitForServer } from './server.ts'

describe('the options for pg', () => {
  test('are those of the URL, and a password beside it wins', async () => {
    const url = 'postgresql://us%40er:in%2Furl@[::1]:6432/data%20base?application_name=x'
    expect((await openServer(url)).options).toEqual({
      host: '::1',
      port: 6432,
      user: 'us@er',
      password: 'in/url',
      database: 'data base',
      application_name: 'x',
    })
    const password: RotatingPassword = { current: () => 'beside', renew: async () => {} }
    const { options } = await openServer(url, { password })
    expect((options.password as () => string)()).toBe('beside')
    // What pg makes of them: https://node-postgres.com/apis/client, a function is asked at each connect.
    const client = new Client({ ...options, password: 'beside' })
    expect([client.host, client.port, client.user, client.database]).toEqual(['::1', 6432, 'us@er', 'data base'])
  })

  test.each(['require', 'verify-ca', 'verify-full'])(
    'with sslmode=%s a host of RDS is checked against Amazon’s roots',
    async (mode) => {
      const host = 'main.abc123.eu-central-1.rds.amazonaws.com'
      const { options } = await openServer(`postgres://app@${host}/dayshift?sslmode=${mode}`)
      const { ssl } = options
      expect(ssl).toMatchObject({ rejectUnauthorized: true })
      // https://truststore.pki.rds.amazonaws.com has an RSA 2048 root for each region.
      const { X509Certificate } = await import('node:crypto')
      const names = (ssl as { ca: string[] }).ca.map((pem) => new X509Certificate(pem).subject)
      expect(names.join()).toContain('CN=Amazon RDS eu-central-1 Root CA RSA2048 G1')
      // pg itself reads sslmode from a connection string in its own way; there must be none.
      expect(options).not.toHaveProperty('connectionString')
      expect(options).not.toHaveProperty('sslmode')
    },
  )

  test('other hosts are checked against what Node trusts, or the given file; disable and no-verify do as they say', async () => {
    expect((await openServer('postgres://db/x?sslmode=verify-full')).options.ssl).toEqual({ rejectUnauthorized: true })
    expect((await openServer('postgres://db/x?sslmode=no-verify')).options.ssl).toEqual({ rejectUnauthorized: false })
    expect((await openServer('postgres://db/x?sslmode=disable')).options.ssl).toBe(false)
    expect((await openServer('postgres://db/x')).options).not.toHaveProperty('ssl')
    const evil = 'postgres://main.rds.amazonaws.com.evil.example/x?sslmode=require'
    expect((await openServer(evil)).options.ssl).toEqual({ rejectUnauthorized: true })
    await expect(openServer('postgres://db/x', { caFile: '/nowhere/ca.pem' })).rejects.toThrow('ENOENT')
  })
})

describe('waiting for a server', () => {
  test('that nobody listens for ends at once with 0, else when the time is up', async () => {
    const server = await openServer('postgres://nobody@127.0.0.1:1/none')
    const began = performance.now()
    await expect(waitForServer(server, 0)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(performance.now() - began).toBeLessThan(400)
    await expect(waitForServer(server, 500)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(performance.now() - began).toBeGreaterThan(490)
  })

  test('goes on while it starts up (57P03)', async () => {
    // ErrorResponse: https://www.postgresql.org/docs/current/protocol-message-formats.html
    const fields = Buffer.from('SFATAL\0C57P03\0Mthe database system is starting up\0\0')
    const answer = Buffer.alloc(5)
    answer.write('E')
    answer.writeInt32BE(4 + fields.length, 1)
    let asked = 0
    const starting = createServer((socket) => {
      asked += 1
      socket.on('error', () => {})
      socket.once('data', () => socket.end(Buffer.concat([answer, fields])))
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void starting.close())
    await vi.waitFor(() => expect(starting.listening).toBe(true))
    const { port } = starting.address() as { port: number }
    const server = await openServer(`postgres://nobody@127.0.0.1:${port}/none`)
    await expect(waitForServer(server, 600)).rejects.toMatchObject({ code: '57P03' })
    expect(asked).toBeGreaterThanOrEqual(3)
  })
})

// Another server than that of the project, which may let everybody in without a password.
describe.skipIf(!services.databaseUrl || !canStartServer)('a server that asks for passwords and speaks TLS', () => {
  let server: TemporaryServer
  beforeAll(async () => {
    server = await makeTemporaryServer()
  })
  afterAll(() => server?.remove())

  /** A password that stands somewhere else, and how often it was read there. */
  function kept(first: string): { place: { value: string }; renewals: string[]; password: RotatingPassword } {
    const place = { value: first }
    const renewals: string[] = []
    let current = first
    return {
      place,
      renewals,
      password: {
        current: () => current,
        async renew(refused) {
          renewals.push(refused)
          current = place.value
        },
      },
    }
  }

  test('a pool goes on when the password of its role changes: open connections stay, new ones use the new password', async () => {
    await server.run(`create role rotated login password 'old'`)
    const { place, renewals, password } = kept('old')
    const { db, close } = createDatabase(await openServer(server.urlOf('rotated'), { password }), { maxConnections: 4 })
    onTestFinished(close)
    const who = async () => (await sql<{ u: string }>`select current_user as u, pg_sleep(0.2)`.execute(db)).rows[0]?.u
    expect(await who()).toBe('rotated')

    await server.run(`alter role rotated password 'new'`)
    place.value = 'new'
    expect(await Promise.all([who(), who(), who(), who()])).toEqual(['rotated', 'rotated', 'rotated', 'rotated'])
    // One connection was open; those of the others that asked before it was read anew were refused.
    expect([...new Set(renewals)]).toEqual(['old'])
    expect(renewals.length).toBeLessThanOrEqual(3)
  })

  test('a password that stays wrong is refused once more and no further', async () => {
    await server.run(`create role refused login password 'right'`)
    const { renewals, password } = kept('wrong')
    const { db, close } = createDatabase(await openServer(server.urlOf('refused'), { password }))
    onTestFinished(close)
    await expect(sql`select 1`.execute(db)).rejects.toMatchObject({ code: '28P01' })
    expect(renewals).toEqual(['wrong'])
  })

  test('a certificate is checked against the authority that is given, and refused without it', async () => {
    const ask = async (query: string, caFile?: string) => {
      const superuser = new URL(server.url)
      superuser.search = query
      const database = createDatabase(await openServer(superuser.href, { caFile }))
      onTestFinished(database.close)
      const { rows } = await sql<{ ssl: boolean }>`
        select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(database.db)
      return rows[0]?.ssl
    }
    expect(await ask('')).toBe(false)
    expect(await ask('?sslmode=verify-full', server.caFile)).toBe(true)
    expect(await ask('?sslmode=no-verify')).toBe(true)
    await expect(ask('?sslmode=verify-full')).rejects.toThrow(/self-signed certificate|unable to verify|unable to get/)
    await expect(ask('?sslmode=require')).rejects.toThrow(/self-signed certificate|unable to verify|unable to get/)
    const elsewhere = new URL(server.url)
    elsewhere.hostname = '127.0.0.1'
    elsewhere.search = '?sslmode=verify-full'
    const other = createDatabase(await openServer(elsewhere.href, { caFile: server.caFile }))
    onTestFinished(other.close)
    // The certificate is for localhost, not for its address.
    await expect(sql`select 1`.execute(other.db)).rejects.toThrow(/does not match certificate/)
  })

  test('a server that comes up later is waited for', async () => {
    await server.stop()
    const waiting = waitForServer(await openServer(server.url), 20_000)
    await Promise.all([waiting, server.start()])
    expect(await server.run('select 1 as up')).toEqual([{ up: 1 }])
  })
})
