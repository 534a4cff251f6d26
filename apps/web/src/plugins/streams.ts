import type { Socket } from 'node:net'
import plugin from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Ends the answers that would never end by themselves; called before the server waits for the others. */
    streams: Set<() => void>
  }
}

const CLOSE_IDLE_EVERY_MS = 50

/** A server that stops ends its streams at once, and each connection with the answer that is under way on it. */
export const streams = plugin((server) => {
  const open = new Set<() => void>()
  server.decorate('streams', open)
  /** Connections that were never used. Clients open such ones in stock, and Node takes them for a request that is to come. */
  const unused = new Set<Socket>()
  server.server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.server.on('request', ({ socket }: { socket: Socket }) => unused.delete(socket))
  server.addHook('preClose', () => {
    for (const end of open) end()
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy()
    // Node closes the connections that are idle now; one that has an answer to finish would be kept alive after it.
    const http = server.server
    const timer = setInterval(() => http.closeIdleConnections(), CLOSE_IDLE_EVERY_MS).unref()
    http.once('close', () => clearInterval(timer))
    if (!http.listening) clearInterval(timer)
    return Promise.resolve()
  })
  return Promise.resolve()
})
