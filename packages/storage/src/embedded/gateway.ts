import { createServer, type AddressInfo } from 'node:net'
import type { Backend } from './backend.ts'
import { createBackendSession } from './backend-session.ts'
import { type Client, createClient, type Limits } from './client.ts'
import { ProtocolError } from './protocol.ts'
import { createScheduler } from './scheduler.ts'

export interface Gateway {
  port: number
  /** Runs `work` when no transaction is open, and nothing else meanwhile. */
  whenIdle(work: () => Promise<void>): Promise<void>
  /** Ends every client without a word: one that is just leaving by itself would take an error for a failure. */
  close(): Promise<void>
}

const defaultLimits: Limits = {
  maxMessageBytes: 64 * 1024 * 1024,
  maxCopyBytes: 256 * 1024 * 1024,
  maxQueuedBytes: 8 * 1024 * 1024,
  maxUnreadBytes: 128 * 1024 * 1024,
  drainTimeoutMs: 30_000,
  loginTimeoutMs: 10_000,
}

const maxClients = 200

export interface GatewayOptions {
  backend: Backend
  port: number
  password: string
  limits?: Partial<Limits>
  log: (line: string) => void
}

/** Serves `backend` to PostgreSQL clients on the loopback address. */
export async function openGateway({ backend, port, password, limits, log }: GatewayOptions): Promise<Gateway> {
  const allLimits = { ...defaultLimits, ...limits }
  const clients = new Set<Client>()
  const scheduler = createScheduler(backend, createBackendSession(backend, clients), allLimits)
  let lastId = 0

  const server = createServer((socket) => {
    const client = createClient({
      id: ++lastId,
      socket,
      password,
      limits: allLimits,
      log,
      submit: (client, task) => scheduler.submit(client, task),
      onClose: (client) => {
        clients.delete(client)
        scheduler.release(client)
      },
    })
    clients.add(client)
    if (clients.size > maxClients)
      client.end(new ProtocolError('53300', `too many clients, the limit is ${maxClients}`))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1' }, resolve)
  })

  return {
    port: (server.address() as AddressInfo).port,
    whenIdle: (work) => scheduler.whenIdle(work),
    async close() {
      // The server may be closed before its last socket is, which still gives back what its client holds in the backend.
      const sockets = [...clients].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)))
      const closed = Promise.all([...sockets, new Promise((resolve) => server.close(resolve))])
      for (const client of clients) client.end()
      const cut = setTimeout(() => clients.forEach(({ socket }) => socket.destroy()), 1000)
      await closed
      clearTimeout(cut)
    },
  }
}
