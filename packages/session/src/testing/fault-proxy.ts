import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * up: passes everything. down: breaks all connections and refuses new ones. silent: keeps connections, passes nothing.
 * cut: passes what is sent, and breaks the connection in place of the answer.
 */
type Fault = 'up' | 'down' | 'silent' | 'cut'

export interface FaultProxy {
  readonly port: number
  set(fault: Fault): void
  close(): Promise<void>
}

/** A TCP proxy on the loopback address that breaks on demand. */
export async function startFaultProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  let fault: Fault = 'up'
  const sockets = new Set<Socket>()
  const held: (() => void)[] = []

  function track(socket: Socket, peer: () => Socket): void {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      peer().destroy()
    })
  }

  function pass(from: Socket, to: Socket, isAnswer: boolean): void {
    from.on('data', (chunk) => {
      if (fault === 'silent') held.push(() => to.write(chunk))
      else if (fault === 'cut' && isAnswer) to.resetAndDestroy()
      else to.write(chunk)
    })
  }

  const server = createServer((client) => {
    const upstream = connect(target)
    track(client, () => upstream)
    track(upstream, () => client)
    if (fault === 'down') client.resetAndDestroy()
    pass(client, upstream, false)
    pass(upstream, client, true)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      fault = next
      if (next === 'down') for (const socket of sockets) socket.resetAndDestroy()
      if (next === 'up') for (const send of held.splice(0)) send()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
