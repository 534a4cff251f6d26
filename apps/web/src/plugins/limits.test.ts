import { createLimiter, createMemoryStore } from '@dayshift/session'
import { describe, expect, test } from 'vitest'
import { startTestWeb, type TestWeb, useTestWeb } from '../testing/web.ts'

const limiter = (limit: number) =>
  createLimiter({ store: createMemoryStore(), name: 'requests', limit, windowMs: 3_600_000 })

async function withWeb(changes: Parameters<typeof startTestWeb>[0], work: (web: TestWeb) => Promise<void>) {
  const web = await startTestWeb(changes)
  try {
    await work(web)
  } finally {
    await web.close()
  }
}

test('an account that asks too often is told when to come back, others go on', () =>
  withWeb({ requestLimiter: limiter(3) }, async ({ reader, person, nobody }) => {
    const statuses = []
    for (const ask of [reader, person, reader, person]) statuses.push((await ask('GET', '/api/v1/sources')).statusCode)
    expect(statuses).toEqual([200, 200, 200, 429])
    const { headers } = await reader('GET', '/api/v1/sources')
    expect(Number(headers['retry-after'])).toBeGreaterThan(1000)
    expect(headers['ratelimit-remaining']).toBe('0')
    expect((await nobody('GET', '/api/v1/sources')).statusCode).toBe(401)
  }))

test('guessing tokens is limited by address, and a load balancer is never refused', () =>
  withWeb({ requestLimiter: limiter(3) }, async ({ nobody }) => {
    const statuses = []
    for (let tries = 0; tries < 5; tries += 1) {
      const headers = { authorization: `Bearer dayshift_${tries}` }
      statuses.push((await nobody('GET', '/api/v1/articles', { headers })).statusCode)
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429])
    for (const path of ['live', 'ready']) expect((await nobody('GET', `/api/v1/health/${path}`)).statusCode).toBe(200)
  }))

describe('the address of a client', () => {
  const web = useTestWeb({ requestLimiter: limiter(1000) })
  /** How often one may still ask after asking from each of these. */
  const left = async (of: TestWeb, forwarded: string, remoteAddress = '192.0.2.9'): Promise<number> => {
    const headers = { 'x-forwarded-for': forwarded }
    const answer = await of.nobody('GET', '/api/v1/sources', { headers, remoteAddress })
    return Number(answer.headers['ratelimit-remaining'])
  }

  test('is that of the connection, whatever X-Forwarded-For says', async () => {
    const [first, second] = [await left(web(), '203.0.113.1'), await left(web(), '203.0.113.2')]
    expect(second).toBe(first - 1)
  })

  test('is what the one trusted proxy has added, not what was sent to it', () =>
    withWeb({ requestLimiter: limiter(1000), trustProxyHops: 1 }, async (proxied) => {
      const [first, second] = [await left(proxied, '1.1.1.1, 203.0.113.1'), await left(proxied, '2.2.2.2, 203.0.113.1')]
      expect(second).toBe(first - 1)
      expect(await left(proxied, '1.1.1.1, 203.0.113.2')).toBe(first)
    }))
})
