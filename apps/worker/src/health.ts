import { createServer, type Server } from 'node:http'
import { checkHealth } from '@dayshift/domain/health'
import type { Context } from '@dayshift/domain/context'

/** Answers GET /live (the process runs) and GET /ready (its parts answer), for a container's health check. */
export function serveHealth(context: Context, port: number, host: string): Promise<Server> {
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      response
        .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(JSON.stringify(body))
    }
    if (request.url === '/live') return send(200, { ok: true })
    if (request.url !== '/ready') return send(404, { ok: false })
    void checkHealth(context).then((health) => send(health.ok ? 200 : 503, health))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}
