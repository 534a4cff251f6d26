import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import type { WebParts } from '../parts.ts'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const DURATIONS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Counts requests and how long they took; a stream counts when it ends. Without metrics nothing is done. */
export const measured = plugin<Pick<WebParts, 'metrics'>>((server, { metrics }) => {
  if (!metrics) return Promise.resolve()
  const durations = metrics.histogram(
    'dayshift_http_request_duration_seconds',
    'From the request to the end of its answer',
    {
      labels: ['route', 'method', 'status'],
      buckets: DURATIONS_S,
    },
  )
  const inFlight = metrics.gauge('dayshift_http_requests_in_flight', 'Requests that are not answered yet')
  server.addHook('onRequest', (request, { raw }, done) => {
    const start = performance.now()
    inFlight.add(1)
    // Also comes when the client has gone or an answer was taken out of Fastify's hands, and once only.
    raw.once('close', () => {
      inFlight.add(-1)
      const method = methods.has(request.method) ? request.method : 'other'
      const status = raw.writableFinished ? `${Math.floor(raw.statusCode / 100)}xx` : 'aborted'
      durations.observe({ route: routeOf(request), method, status }, (performance.now() - start) / 1000)
    })
    done()
  })
  return Promise.resolve()
})

/** The template of the route, never the address: the number of series must not depend on who asks for what. */
function routeOf({ is404, routeOptions: { url } }: FastifyRequest): string {
  if (is404 || url === undefined) return 'other'
  return /^\/(api|objects|ollama|openai|v1|health|live|ready)(\/|$)/.test(url) ? url : 'page'
}
