import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createBackend } from './backend.ts'
import { type Gateway, openGateway } from './gateway.ts'
import {
  createFrameReader,
  cstring,
  encode,
  encodeQuery,
  int16,
  int32,
  type Message,
  readRow,
  sync,
} from './protocol.ts'

let db: PGlite
let gateway: Gateway
const log: string[] = []

beforeAll(async () => {
  db = await PGlite.create()
  gateway = await openGateway({
    backend: createBackend(db, (error) => log.push(String(error))),
    port: 0,
    password: 'right',
    log: (line) => log.push(line),
    limits: {
      maxMessageBytes: 100_000,
      maxCopyBytes: 200_000,
      maxQueuedBytes: 50_000,
      maxUnreadBytes: 20_000_000,
      loginTimeoutMs: 300,
    },
  })
})
afterAll(async () => {
  await gateway.close()
  await db.close()
})

/** A client that speaks bytes. `types` waits for a message of type `until` and gives the types of all so far. */
async function open() {
  const socket: Socket = connect(gateway.port, '127.0.0.1')
  const reader = createFrameReader()
  const messages: Message[] = []
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    reader.push(chunk)
    for (let message = reader.next(); message; message = reader.next()) messages.push(message)
  })
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  onTestFinished(() => void socket.destroy())
  const read = async (until: string) => {
    await expect.poll(() => messages.map(({ type }) => type).join('')).toContain(until)
    return messages.splice(0, messages.findIndex(({ type }) => type === until) + 1)
  }
  const types = async (until: string) => (await read(until)).map(({ type }) => type).join('')
  return { socket, closed, read, types, send: (...parts: Buffer[]) => socket.write(Buffer.concat(parts)) }
}

const startup = (...words: string[]) => {
  const body = Buffer.concat([int32(3 << 16), ...words.map(cstring), Buffer.alloc(1)])
  return Buffer.concat([int32(body.length + 4), body])
}
const password = encode('p', cstring('right'))
const parse = (name: string, sql: string) => encode('P', cstring(name), cstring(sql), int16(0))
const bind = (name: string, portal = '') => encode('B', cstring(portal), cstring(name), int16(0), int16(0), int16(0))
const execute = (portal = '') => encode('E', cstring(portal), int32(0))
const flush = encode('H')

async function signIn() {
  const client = await open()
  client.send(startup('user', 'postgres', 'database', 'postgres'))
  await client.read('R')
  client.send(password)
  await client.read('Z')
  return client
}

async function expectToServeOthers() {
  const client = new Client({ connectionString: `postgres://postgres:right@127.0.0.1:${gateway.port}/postgres` })
  await client.connect()
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await client.end()
}
const firstValue = (messages: Message[]) =>
  messages.flatMap(({ type, bytes }) => (type === 'D' ? readRow(bytes) : []))[0]

test('encryption is declined, a cancel request is closed, and the password is asked for', async () => {
  const client = await open()
  client.send(Buffer.concat([int32(8), int32(80877103)]))
  const [answer] = await once(client.socket, 'data')
  expect(String(answer)).toBe('N')
  const canceller = await open()
  canceller.send(Buffer.concat([int32(16), int32(80877102), int32(1), int32(1)]))
  await expect(canceller.closed).resolves.toBeDefined()
})

test('bytes that come one by one make the same messages', async () => {
  const client = await open()
  for (const byte of startup('user', 'postgres')) client.send(Buffer.from([byte]))
  await client.read('R')
  for (const byte of password) client.send(Buffer.from([byte]))
  expect(await client.types('Z')).toMatch(/^RS+KZ$/)
})

test('a newer minor version is told which one is spoken', async () => {
  const client = await open()
  const body = Buffer.concat([int32((3 << 16) + 2), cstring('user'), cstring('postgres'), Buffer.alloc(1)])
  client.send(Buffer.concat([int32(body.length + 4), body]))
  expect(await client.types('R')).toBe('vR')
})

test.each([
  ['an unknown message type', Buffer.from('!\0\0\0\x04'), 'invalid message type'],
  ['a length below its own size', Buffer.from('Q\0\0\0\x03'), 'invalid message length'],
  ['a negative length', Buffer.from('Q\xff\xff\xff\xff', 'latin1'), 'invalid message length'],
  ['an announced length over the limit', Buffer.from('Q\x7f\xff\xff\xff', 'latin1'), 'over the limit'],
  ['a long message where only a name fits', encode('C', Buffer.alloc(10_001, 65)), 'over the limit'],
  ['a query without its end', encode('Q', Buffer.from('select 1')), 'a text without its end'],
  ['a bind without names', encode('B'), 'a text without its end'],
  ['a second password', password, 'unexpected password'],
])('%s ends only its client, with an error', async (_, bytes, message) => {
  const client = await signIn()
  client.send(bytes)
  const [error] = await client.read('E')
  expect(error?.bytes.toString()).toContain(message)
  await expect(client.closed).resolves.toBeDefined()
  expect(log.at(-1)).toContain(message)
  await expectToServeOthers()
})

test('bytes that are no start-up packet end the connection', async () => {
  for (const bytes of [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(8),
    Buffer.concat([int32(8), int32(2 << 16)]),
  ]) {
    const client = await open()
    client.send(bytes)
    await expect(client.closed).resolves.toBeDefined()
  }
  await expectToServeOthers()
})

test('garbage in a message that has the right frame is an error of the query alone', async () => {
  const client = await signIn()
  client.send(parse('', 'select 1'), encode('B', cstring(''), cstring(''), int16(9)), sync)
  expect(await client.types('Z')).toBe('1EZ')
  client.send(encodeQuery('select 1'))
  expect(await client.types('Z')).toBe('TDCZ')
})

test('a client that never gives a password is dropped', async () => {
  const silent = await open()
  await expect(silent.closed).resolves.toBeDefined()
  const half = await open()
  half.send(startup('user', 'postgres'))
  await half.read('E')
  await expect(half.closed).resolves.toBeDefined()
})

test('the backend stays with a client between Flush and Sync', async () => {
  const [a, b] = [await signIn(), await signIn()]
  a.send(parse('', "select 'a'"), flush)
  await a.read('1')
  b.send(parse('', "select 'b'"), bind(''), execute(), sync)
  await sleep(50)
  a.send(bind(''), execute(), sync)
  expect(firstValue(await a.read('Z'))).toBe('a')
  expect(firstValue(await b.read('Z'))).toBe('b')
})

test('the unnamed statement is private too, across a Sync', async () => {
  const [a, b] = [await signIn(), await signIn()]
  for (const [client, sql] of [
    [a, "select 'a'"],
    [b, "select 'b'"],
  ] as const) {
    client.send(parse('', sql), sync)
    await client.read('Z')
  }
  a.send(bind(''), execute(), sync)
  expect(firstValue(await a.read('Z'))).toBe('a')
  b.send(encodeQuery('select 1'))
  await b.read('Z')
  // As on a server, a simple query has dropped it.
  b.send(bind(''), execute(), sync)
  expect(await b.types('Z')).toBe('EZ')
})

test('a portal is used again within its transaction while another client waits', async () => {
  const [a, b] = [await signIn(), await signIn()]
  a.send(encodeQuery('begin'))
  await a.read('Z')
  a.send(parse('s', 'select generate_series(1, 3)'), bind('s', 'p'), encode('E', cstring('p'), int32(1)), sync)
  expect(firstValue(await a.read('Z'))).toBe('1')
  b.send(parse('s', "select 'b'"), bind('s', 'p'), execute('p'), sync)
  a.send(encode('E', cstring('p'), int32(1)), sync)
  expect(firstValue(await a.read('Z'))).toBe('2')
  a.send(encodeQuery('commit'))
  expect(firstValue(await b.read('Z'))).toBe('b')
})

test('a long pipeline without a Sync is run in parts, and after an error nothing of it until the Sync', async () => {
  const client = await signIn()
  const insert = [parse('', `select '${'x'.repeat(1000)}'`), bind(''), execute()]
  client.send(...Array.from({ length: 200 }, () => insert).flat(), parse('', 'nonsense'), ...insert, sync)
  expect(await client.types('Z')).toBe(`${'12DC'.repeat(200)}EZ`)
})

test('COPY takes data in and gives it out', async () => {
  const client = await signIn()
  client.send(encodeQuery('create table copied (a int, b text)'))
  await client.read('Z')
  client.send(encodeQuery('begin; copy copied from stdin; commit'))
  expect(await client.types('G')).toBe('G')
  client.send(encode('d', Buffer.from('1\tone\n2\tt')), encode('d', Buffer.from('wo\n')), encode('c'))
  expect(await client.types('Z')).toBe('CCCZ')
  client.send(encodeQuery('copy copied to stdout'))
  expect((await client.read('Z')).map(({ type, bytes }) => (type === 'd' ? bytes.toString('utf8', 5) : type))).toEqual([
    'H',
    '1\tone\n',
    '2\ttwo\n',
    'c',
    'C',
    'Z',
  ])
})

test('COPY reports a missing table, a client that gives up, and what is not possible', async () => {
  const client = await signIn()
  client.send(encodeQuery('copy nowhere from stdin'), encode('d', Buffer.from('1\n')), encode('c'))
  expect(await client.types('Z')).toBe('GEZ')
  client.send(encodeQuery('create table given_up (a int); copy given_up from stdin'), encode('f', cstring('no more')))
  expect(await client.types('Z')).toMatch(/E/)
  client.send(encodeQuery('copy nowhere from stdin; copy nowhere from stdin'))
  expect((await client.read('Z'))[0]?.bytes.toString()).toContain('one COPY FROM STDIN at a time')
  client.send(parse('', 'copy nowhere from stdin'), bind(''), execute(), sync)
  expect(await client.types('Z')).toBe('12EZ')
  client.send(
    encodeQuery('copy nowhere from stdin'),
    ...Array.from({ length: 5 }, () => encode('d', Buffer.alloc(50_000))),
  )
  expect((await client.read('E')).at(-1)?.bytes.toString()).toContain('larger than the limit')
})

test('a client that reads nothing of a huge answer is ended, the others go on', async () => {
  const client = await signIn()
  client.socket.pause()
  client.send(encodeQuery("select repeat('x', 1000000) from generate_series(1, 100)"))
  await expectToServeOthers()
  expect(log.at(-1)).toContain('left unread')
  client.socket.resume()
  await expect(client.closed).resolves.toBeDefined()
})

test('a client gone in the middle of a pipeline leaves nothing behind', async () => {
  const client = await signIn()
  client.send(encodeQuery('begin'))
  await client.read('Z')
  client.send(parse('left', 'select 1'), flush)
  await client.read('1')
  client.socket.destroy()
  await expectToServeOthers()
  expect((await db.query('select name from pg_prepared_statements')).rows).toEqual([])
})
