import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { streams } from './streams.ts'

test('a server that stops does not wait for a connection that was never used', async () => {
  const server = Fastify()
  await server.register(streams)
  const address = await server.listen({ port: 0, host: '127.0.0.1' })
  const accepted = once(server.server, 'connection')
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  socket.on('error', () => {})
  await accepted
  const start = performance.now()
  await server.close()
  expect(performance.now() - start).toBeLessThan(1000)
  socket.destroy()
})
