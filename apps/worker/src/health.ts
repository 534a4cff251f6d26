import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Health } from '@dayshift/domain/health'
import type { Phase } from '@dayshift/runtime/run-main'

export interface HealthServer {
  port: number
  close(): Promise<void>
}

/**
 * For what watches over the process. GET /live: it runs. GET /health: it has started and does not stop; for containers, which
 * would replace every worker at once if this asked a database that all of them share. GET /ready: its parts answer, too.
 * `check` gives undefined while they are not open yet.
 */
export async function serveHealth(
  { port, host }: { port: number; host: string },
  phase: () => Phase,
  check: () => Promise<Health> | undefined,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      response
        .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(JSON.stringify(body))
    }
    const present = phase()
    const notServing = { ok: false, phase: present }
    if (request.url === '/live') return send(200, { ok: true })
    if (request.url !== '/health' && request.url !== '/ready') return send(404, { ok: false })
    if (present !== 'serving') return send(503, notServing)
    if (request.url === '/health') return send(200, { ok: true })
    void check()?.then((health) => send(health.ok ? 200 : 503, health))
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      server.closeAllConnections()
      await Promise.resolve()
    },
  }
}
