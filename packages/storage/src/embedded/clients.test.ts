import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Pool } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type EmbeddedDatabase, openEmbeddedDatabase } from './index.ts'

let database: EmbeddedDatabase
let pool: Pool

beforeAll(async () => {
  database = await openEmbeddedDatabase({ folder: 'memory' })
  pool = new Pool({ connectionString: database.url, max: 10 })
})
afterAll(async () => {
  await pool.end()
  await database.close()
})

async function connect(parameters = ''): Promise<Client> {
  const client = new Client({ connectionString: database.url + parameters })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end().catch(() => {}))
  return client
}
const value = async (client: Client | Pool, sql: string) => Object.values((await client.query(sql)).rows[0] ?? {})[0]
const cut = (client: Client) =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()

async function listen(client: Client, ...channels: string[]) {
  const heard: string[] = []
  client.on('notification', ({ channel, payload }) => heard.push(`${channel} ${payload}`))
  for (const channel of channels) await client.query(`-- a comment first\nlisten "${channel}"`)
  return heard
}

test('parallel queries of different shapes all get their own answers', async () => {
  await pool.query('create table mixed (a int, b text)')
  const big = 'y'.repeat(200_000)
  const shapes = [
    (i: number) => pool.query('select $1::int as got', [i]).then(({ rows }) => rows[0].got === i),
    (i: number) =>
      pool.query('select $1::text as got, $2::int as n', [`w${i}`, i]).then(({ rows }) => rows[0].got === `w${i}`),
    (i: number) =>
      pool.query('insert into mixed values ($1, $2) returning a', [i, 'k']).then(({ rows }) => rows[0].a === i),
    () => pool.query('select length($1::text) as got', [big]).then(({ rows }) => rows[0].got === 200_000),
    () => pool.query('select 7 as got').then(({ rows }) => rows[0].got === 7),
  ]
  const answers = await Promise.all(Array.from({ length: 1000 }, async (_, i) => shapes[i % shapes.length]?.(i)))
  expect(answers.filter((right) => !right)).toEqual([])
})

test('transfers in parallel transactions keep the sum', async () => {
  await pool.query('create table purse (id int primary key, amount int)')
  await pool.query('insert into purse values (1, 1000), (2, 1000)')
  const transfer = async () => {
    const client = await pool.connect()
    await client.query('begin')
    const { rows } = await client.query('select amount from purse where id = 1 for update')
    await client.query('update purse set amount = $1 where id = 1', [rows[0].amount - 1])
    await client.query('update purse set amount = amount + 1 where id = 2')
    await client.query('commit')
    client.release()
  }
  await Promise.all(Array.from({ length: 100 }, transfer))
  expect((await pool.query('select amount from purse order by id')).rows).toEqual([{ amount: 900 }, { amount: 1100 }])
})

test('a client waits for the open transaction of another and sees nothing uncommitted', async () => {
  const [writer, reader] = [await connect(), await connect()]
  await writer.query('create table seen (a int)')
  await writer.query('begin')
  await writer.query('insert into seen values (1)')
  const count = value(reader, 'select count(*)::int from seen')
  await writer.query('rollback')
  expect(await count).toBe(0)
})

test('a client that is cut off is rolled back and forgotten', async () => {
  const client = await connect()
  await client.query('create table cut (a int)')
  await client.query({ name: 'kept', text: 'select 1' })
  await client.query('listen gone')
  await client.query('begin')
  await client.query("set search_path = 'pg_catalog'")
  await client.query('insert into public.cut values (1)')
  cut(client)
  expect(await value(pool, 'select count(*)::int from cut')).toBe(0)
  expect(await value(pool, 'select count(*)::int from pg_listening_channels()')).toBe(0)
  expect(await value(pool, "select count(*)::int from pg_prepared_statements where statement = 'select 1'")).toBe(0)
  expect(await value(pool, 'show search_path')).toBe('public')
})

test('an error ends neither the connection nor the others', async () => {
  const client = await connect()
  await expect(client.query('select 1/0')).rejects.toMatchObject({ code: '22012' })
  await expect(client.query('select $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' })
  expect(await value(client, 'select 5')).toBe(5)
  expect(await value(pool, 'select 6')).toBe(6)
})

test('notifications reach those who listen, whoever sends them', async () => {
  const [a, b, c] = [await connect(), await connect(), await connect()]
  const [heardByA, heardByB] = [await listen(a, 'x', 'Case:y'), await listen(b, 'x')]
  await c.query("notify x, 'one'")
  await c.query('select pg_notify($1, $2)', ['Case:y', 'two'])
  await c.query('begin')
  await c.query("notify x, 'three'")
  expect(heardByA).not.toContain('x three')
  await c.query('commit')
  // What one gives up, the other keeps.
  await a.query('unlisten x')
  await c.query("notify x, 'four'")
  await a.query('discard all')
  await c.query("notify x, 'five'")
  await Promise.all([a.query('select 1'), b.query('select 1')])
  await expect.poll(() => heardByB).toEqual(['x one', 'x three', 'x four', 'x five'])
  expect(heardByA).toEqual(['x one', 'Case:y two', 'x three'])
})

test('a LISTEN that is rolled back hears nothing', async () => {
  const [a, b] = [await connect(), await connect()]
  const heardByB = await listen(b, 'rolled')
  await a.query('begin')
  const heardByA = await listen(a, 'rolled')
  await a.query('rollback')
  await b.query("notify rolled, 'x'")
  await expect.poll(() => heardByB).toEqual(['rolled x'])
  await a.query('select 1')
  expect(heardByA).toEqual([])
})

test('settings belong to one client and follow its transactions', async () => {
  const [a, b] = [await connect(), await connect()]
  await a.query("set search_path = 'pg_catalog'; set app.who = 'a''\\'")
  await b.query("select set_config('app.who', 'b', false)")
  expect(await value(b, 'show search_path')).toBe('public')
  expect(await value(a, 'show app.who')).toBe("a'\\")
  expect(await value(b, 'show app.who')).toBe('b')
  await a.query('begin')
  await a.query("set app.who = 'undone'")
  await a.query('rollback')
  await b.query('begin; set local app.who = 1; commit')
  expect(await value(a, 'show app.who')).toBe("a'\\")
  expect(await value(b, 'show app.who')).toBe('b')
  expect(await value(pool, "select coalesce(current_setting('app.who', true), '')")).toBe('')
})

test('a setting made by a prepared statement is noted each time it runs', async () => {
  const [a, b] = [await connect(), await connect()]
  // The second time it is only bound, not parsed.
  for (let round = 0; round < 2; round++) {
    await a.query({ name: 'path', text: 'set search_path = mine' })
    expect(await value(b, 'show search_path')).toBe('public')
    expect(await value(a, 'show search_path')).toBe('mine')
    await a.query('reset search_path')
  }
})

test('RESET goes back to what the client connected with', async () => {
  const [a, b] = [await connect('?options=-c%20search_path%3Dmine'), await connect('?application_name=other')]
  expect(await value(a, 'show search_path')).toBe('mine')
  await a.query('set search_path = public')
  await a.query('reset search_path')
  expect(await value(a, 'show search_path')).toBe('mine')
  await a.query('begin; reset all; set search_path = last; commit')
  expect(await value(b, 'show search_path')).toBe('public')
  expect(await value(b, 'show application_name')).toBe('other')
  expect(await value(a, 'show search_path')).toBe('last')
  await expect(connect('?options=-c%20nonsense%3D1')).rejects.toThrow('unrecognized configuration parameter')
})

test('prepared statements of the same name are different on two clients', async () => {
  const [a, b] = [await connect(), await connect()]
  const named = (text: string) => ({ name: 'same', text })
  expect((await a.query(named("select 'a' as v"))).rows).toEqual([{ v: 'a' }])
  expect((await b.query(named("select 'b' as v"))).rows).toEqual([{ v: 'b' }])
  expect((await a.query(named("select 'a' as v"))).rows).toEqual([{ v: 'a' }])
  await a.query("prepare in_sql as select 'sql a'")
  await b.query("prepare in_sql as select 'sql b'")
  expect(await value(a, 'execute in_sql')).toBe('sql a')
  await b.query('deallocate all')
  await expect(b.query('execute in_sql')).rejects.toMatchObject({ code: '26000' })
  // The backend lost it as well, and gets it again.
  expect((await a.query(named("select 'a' as v"))).rows).toEqual([{ v: 'a' }])
})

test('thirty clients at once, and a wrong password refused', async () => {
  const clients = await Promise.all(Array.from({ length: 30 }, () => connect()))
  expect(await Promise.all(clients.map((client, i) => value(client, `select ${i}`)))).toEqual(clients.map((_, i) => i))
  const { url } = database
  const wrong = new Client({ connectionString: url.replace(/:[^:@]+@/, ':wrong@') })
  await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' })
})

test('a parameter and an answer of 20 MB pass', async () => {
  const { rows } = await pool.query('select $1::text as big', ['ä'.repeat(10_000_000)])
  expect(rows[0].big.length).toBe(10_000_000)
})

test('a dump holds the committed rows', async () => {
  const client = await connect()
  await client.query('create table dumped (a int); insert into dumped values (1)')
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-dump-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'dump.tar')
  await writeFile(file, await database.dump())
  const copy = await openEmbeddedDatabase({ folder: 'memory', loadDataDir: file })
  onTestFinished(copy.close)
  const reader = new Client({ connectionString: copy.url })
  await reader.connect()
  expect((await reader.query('select a from dumped')).rows).toEqual([{ a: 1 }])
  await reader.end()
})

test('closing gives back what clients still hold', async () => {
  const closing = await openEmbeddedDatabase({ folder: 'memory' })
  const clients = Array.from({ length: 5 }, () => new Client({ connectionString: closing.url }))
  for (const client of clients) {
    client.on('error', () => {})
    await client.connect()
    await client.query({ name: 'kept', text: 'select 1' })
  }
  await expect(closing.close()).resolves.toBeUndefined()
})
