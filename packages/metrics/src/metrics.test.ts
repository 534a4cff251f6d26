import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createMetrics, serveMetrics } from './index.ts'

const linesOf = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))

test('a counter and a gauge are told in the text format of Prometheus', async () => {
  const metrics = createMetrics()
  const runs = metrics.counter('runs_total', 'Runs by "outcome"', ['job', 'outcome'])
  runs.add({ job: 'a', outcome: 'done' })
  runs.add({ job: 'a', outcome: 'done' }, 2)
  runs.add({ job: 'b"\n', outcome: 'dead' })
  const open = metrics.gauge('open', 'What is open')
  open.add(3)
  open.add(-1)
  const text = await metrics.text()
  // Escapes of label values: \\, \" and \n (Prometheus, "Exposition formats").
  expect(linesOf(text, 'runs_total')).toEqual([
    'runs_total{job="a",outcome="done"} 3',
    'runs_total{job="b\\"\\n",outcome="dead"} 1',
  ])
  expect(linesOf(text, 'open')).toEqual(['open 2'])
  expect(text).toContain('# HELP runs_total Runs by "outcome"\n# TYPE runs_total counter\n')
  expect(text).toContain('# TYPE open gauge\n')
})

test('a histogram counts into every bucket that is wide enough', async () => {
  const metrics = createMetrics()
  const took = metrics.histogram('took_seconds', 'Time', { labels: ['route'], buckets: [0.1, 1] })
  for (const seconds of [0.05, 0.1, 0.5, 7]) took.observe({ route: '/a' }, seconds)
  const text = await metrics.text()
  expect(linesOf(text, 'took_seconds_bucket')).toEqual([
    'took_seconds_bucket{le="0.1",route="/a"} 2',
    'took_seconds_bucket{le="1",route="/a"} 3',
    'took_seconds_bucket{le="+Inf",route="/a"} 4',
  ])
  expect(linesOf(text, 'took_seconds_sum')).toEqual(['took_seconds_sum{route="/a"} 7.65'])
  expect(linesOf(text, 'took_seconds_count')).toEqual(['took_seconds_count{route="/a"} 4'])
})

test('memory and the lag of the event loop are among them', async () => {
  const text = await createMetrics().text()
  expect(Number(linesOf(text, 'process_resident_memory_bytes')[0]?.split(' ')[1])).toBeGreaterThan(10_000_000)
  expect(linesOf(text, 'nodejs_eventloop_lag_p99_seconds')).toHaveLength(1)
})

test('what is read anew is absent while reading fails or takes too long, rather than old', async () => {
  const errors: string[] = []
  const metrics = createMetrics({ readTimeoutMs: 50, onError: (error) => errors.push((error as Error).message) })
  let read = (): Promise<{ backlog: number; age: number | undefined }> => Promise.resolve({ backlog: 7, age: 1.5 })
  metrics.measured({ backlog: 'Jobs', age: 'Seconds' }, () => read())
  const values = async (): Promise<string[]> => {
    const text = await metrics.text()
    return [...linesOf(text, 'backlog'), ...linesOf(text, 'age')]
  }
  expect(await values()).toEqual(['backlog 7', 'age 1.5'])
  read = () => Promise.resolve({ backlog: 0, age: undefined })
  expect(await values()).toEqual(['backlog 0'])
  read = () => Promise.reject(new Error('the database is away'))
  expect(await values()).toEqual([])
  read = () => new Promise(() => {})
  expect(await values()).toEqual([])
  expect(errors).toEqual(['the database is away', 'There was no answer within 50 ms.'])
  read = () => Promise.resolve({ backlog: 8, age: 2 })
  expect(await values()).toEqual(['backlog 8', 'age 2'])
})

test('metrics are served at /metrics and nothing else is, and the server ends at once', async () => {
  const server = await serveMetrics(createMetrics(), { port: 0, host: '127.0.0.1' })
  onTestFinished(server.close)
  const base = `http://127.0.0.1:${server.port}`
  const answer = await fetch(`${base}/metrics`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await answer.text()).toContain('process_resident_memory_bytes')
  expect((await fetch(`${base}/`)).status).toBe(404)
  expect((await fetch(`${base}/metrics`, { method: 'POST' })).status).toBe(404)
  const idle = connect(server.port, '127.0.0.1')
  await once(idle, 'connect')
  const ended = once(idle, 'close')
  await server.close()
  await ended
  await expect(
    new Promise((resolve, reject) => request(`${base}/metrics`, resolve).on('error', reject).end()),
  ).rejects.toThrow('ECONNREFUSED')
})

test('a port that is taken is an error of the start', async () => {
  const first = await serveMetrics(createMetrics(), { port: 0, host: '127.0.0.1' })
  onTestFinished(first.close)
  await expect(serveMetrics(createMetrics(), { port: first.port, host: '127.0.0.1' })).rejects.toThrow('EADDRINUSE')
})
