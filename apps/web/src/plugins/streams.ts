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
  server.addHook('preClose', () => {
    for (const end of open) end()
    // Node closes the connections that are idle now; one that has an answer to finish would be kept alive after it.
    const http = server.server
    const timer = setInterval(() => http.closeIdleConnections(), CLOSE_IDLE_EVERY_MS).unref()
    http.once('close', () => clearInterval(timer))
    if (!http.listening) clearInterval(timer)
    return Promise.resolve()
  })
  return Promise.resolve()
})
