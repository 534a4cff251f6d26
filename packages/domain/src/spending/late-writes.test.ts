import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createDatabase } from '@dayshift/storage'
import { useTestDatabase } from '@dayshift/storage/testing'
import { expect, test } from 'vitest'
import { createLedger } from './ledger.ts'
import { createLateWrites } from './late-writes.ts'
import { answered, plannedCall } from './testing/calls.ts'

const database = useTestDatabase()
const stateOf = async (id: string) =>
  (await database().db.selectFrom('model_call').select('state').where('id', '=', id).executeTakeFirst())?.state

/** The database behind a door that can be shut: connections break, new ones are refused. */
async function openDoor() {
  const target = new URL(database().url)
  const sockets = new Set<Socket>()
  const server = createServer((incoming) => {
    const outgoing = connect(Number(target.port), target.hostname)
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    incoming.pipe(outgoing).pipe(incoming)
    incoming.on('close', () => outgoing.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const url = new URL(target)
  url.port = String(port)
  return {
    url: url.href,
    async shut() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
    reopen: () => once(server.listen(port, '127.0.0.1'), 'listening'),
  }
}

test('what calls cost is written when the database is back, and closing waits for it', async () => {
  const door = await openDoor()
  const { db, close } = createDatabase(door.url)
  const ledger = createLedger(db)
  const [call, later, free] = [plannedCall(), plannedCall(), plannedCall({ worstCaseUsd: 0 })]
  await ledger.reserve(call)
  await ledger.reserve(later)
  await door.shut()
  await ledger.settle(call.id, answered(0.1))
  await ledger.record(free, answered(0))
  await expect(ledger.reserve(plannedCall())).rejects.toThrow('ECONNREFUSED')
  expect([await stateOf(call.id), await stateOf(free.id)]).toEqual(['open', undefined])
  await door.reopen()
  await ledger.settle(later.id, answered(0.1))
  await ledger.close()
  expect([await stateOf(call.id), await stateOf(later.id), await stateOf(free.id)]).toEqual(
    Array.from({ length: 3 }, () => 'settled'),
  )
  await close()
  await door.close()
})

test('closing gives up after its time and says how much was lost', async () => {
  const said: unknown[] = []
  const log = { warn: () => undefined, error: (about: unknown) => void said.push(about) }
  const writes = createLateWrites({ log, closeTimeoutMs: 50, firstWaitMs: 10 })
  for (let n = 0; n < 3; n++) await writes.write(() => Promise.reject(new Error('away')))
  await writes.close()
  expect(said).toEqual([{ lost: 3 }])
})

test('what can never be written is an error at once', async () => {
  const call = plannedCall({ accountId: 'nobody', worstCaseUsd: 0 })
  await expect(createLedger(database().db).record(call, answered(0))).rejects.toThrow('uuid')
})

test('the oldest are let go when too many wait', async () => {
  const done: number[] = []
  let isAway = true
  const writes = createLateWrites({ closeTimeoutMs: 5000, firstWaitMs: 20, mostWaiting: 2 })
  const write = (n: number) =>
    writes.write(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(done.push(n))))
  for (const n of [1, 2, 3]) await write(n)
  isAway = false
  await writes.close()
  expect(done).toEqual([2, 3])
})
