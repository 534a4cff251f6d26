import { once } from 'node:events'
import { request } from 'node:http'
import { createMetrics, type Metrics } from '@dayshift/metrics'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestWeb, type TestWeb } from '../testing/web.ts'

let metrics: Metrics
let web: TestWeb
let address = ''
beforeAll(async () => {
  metrics = createMetrics()
  web = await startTestWeb({ metrics })
  address = await web.server.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => web.close())

/** The counts of requests so far by `method route status`, each read once. */
async function counts(): Promise<Record<string, number>> {
  const lines = (await metrics.text()).matchAll(
    /^dayshift_http_request_duration_seconds_count\{route="(.*?)",method="(.*?)",status="(.*?)"\} (\d+)$/gm,
  )
  return Object.fromEntries(
    [...lines].map(([, route, method, status, count]) => [`${method} ${route} ${status}`, Number(count)]),
  )
}

const inFlight = async (): Promise<number> =>
  Number(/^dayshift_http_requests_in_flight (\d+)$/m.exec(await metrics.text())?.[1])

const ask = async (path: string, init?: RequestInit): Promise<void> => {
  await (await fetch(`${address}${path}`, init)).arrayBuffer()
}

test('requests are counted by the template of their route, whatever was asked for', async () => {
  const { cookie } = web.personHeaders
  for (const id of ['0198c0de-0000-7000-8000-000000000001', '0198c0de-0000-7000-8000-000000000002'])
    await ask(`/api/v1/articles/${id}`, { headers: { cookie } })
  await ask('/api/v1/articles?limit=1', { headers: { cookie } })
  await ask('/api/v1/articles')
  await ask('/health')
  for (const path of ['/wp-login.php', '/api/v1/nothing', '/%2e%2e/x', `/${'x'.repeat(50)}`]) await ask(path)
  await ask('/api/v1/articles', { method: 'PROPFIND' })
  await expect.poll(counts).toMatchObject({
    'GET /api/v1/articles/:articleId 4xx': 2,
    'GET /api/v1/articles 2xx': 1,
    'GET /api/v1/articles 4xx': 1,
    'GET /health 2xx': 1,
    'GET other 4xx': 4,
  })
  expect(Object.keys(await counts()).filter((key) => /wp-login|nothing|xxxx|PROPFIND/.test(key))).toEqual([])
  expect(await inFlight()).toBe(0)
})

test('a stream is in flight until its reader goes, and then counts as broken off', async () => {
  const reader = request(`${address}/api/v1/jobs/events`, { headers: web.personHeaders })
  reader.on('error', () => {})
  reader.end()
  await once(reader, 'response')
  expect(await inFlight()).toBe(1)
  reader.destroy()
  await expect.poll(inFlight).toBe(0)
  expect(await counts()).toMatchObject({ 'GET /api/v1/jobs/events aborted': 1 })
})
