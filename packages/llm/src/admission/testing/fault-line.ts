import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** `down` breaks connections and refuses new ones; `silent` keeps them and swallows what is sent. */
type Fault = 'none' | 'down' | 'silent'

/** A line to a server on the loopback address that fails on demand. */
export async function startFaultLine(port: number) {
  let fault: Fault = 'none'
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    if (fault === 'down') return near.resetAndDestroy()
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('data', (chunk) => fault === 'silent' || to.write(chunk))
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set(next: Fault) {
      fault = next
      if (next === 'down') for (const socket of sockets) socket.resetAndDestroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
