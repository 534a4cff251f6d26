import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { checkPeer } from './connect.ts'
import { createOutbound } from './index.ts'
import { codeOf, serve } from './testing/server.ts'
import { createPolicy } from './url.ts'

test.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['::ffff:10.0.0.1', true],
  [undefined, true],
  ['93.184.216.34', false],
])('a connection that reached %j is closed: %j', async (remoteAddress, closed) => {
  let destroyed = false
  const socket = { remoteAddress, destroy: () => void (destroyed = true) } as unknown as Socket
  const check = Promise.resolve().then(() => checkPeer(socket, createPolicy(), 'site.example.com'))
  expect(await codeOf(check)).toBe(closed ? 'address' : undefined)
  expect(destroyed).toBe(closed)
})

test('stops waiting for a resolver that never answers', async () => {
  const outbound = createOutbound({ resolve: () => new Promise(() => undefined), limits: { connectTimeoutMs: 100 } })
  expect(await codeOf(outbound.get('http://site.example.com/'))).toBe('timeout')
  await outbound.close()
})

test('stops waiting for a connection, and closes it should it come later', async () => {
  await using server = await serve((_request, response) => void response.end())
  const late: Socket[] = []
  const outbound = createOutbound({
    resolve: async () => ['93.184.216.34'],
    limits: { connectTimeoutMs: 100 },
    async dial() {
      await after(200)
      late.push(connect(server.port, '127.0.0.1'))
      return late[0]!
    },
  })
  expect(await codeOf(outbound.get('http://site.example.com/'))).toBe('timeout')
  await after(200)
  expect(late.map((socket) => socket.destroyed)).toEqual([true])
  await outbound.close()
})
