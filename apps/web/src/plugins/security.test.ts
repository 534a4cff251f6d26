import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertArticle, insertSource } from '../testing/content.ts'
import { startTestWeb, type TestWeb } from '../testing/web.ts'

let folder = ''
let web: TestWeb
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dayshift-page-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Dayshift</title>')
  await writeFile(join(folder, 'icon.svg'), '<svg/>')
  await writeFile(join(folder, 'assets', 'main-abc123.js'), 'console.log(1)')
  web = await startTestWeb({ pageFolder: folder })
})
afterAll(async () => {
  await web.close()
  await rm(folder, { recursive: true })
})

describe('the headers of every answer', () => {
  test.each([
    ['GET', '/api/v1/articles', 401],
    ['GET', '/api/v1/health/live', 200],
    ['GET', '/api/v1/health/ready', 200],
    ['POST', '/api/v1/session', 400],
    ['GET', '/api/v1/nothing', 404],
    ['DELETE', '/', 404],
    ['GET', '/', 200],
    ['GET', '/articles/1', 200],
    ['GET', '/icon.svg', 200],
    ['GET', '/assets/main-abc123.js', 200],
    ['GET', '/assets/missing.js', 404],
  ] as const)('%s %s (%i) keep others out', async (method, url, status) => {
    const { headers, statusCode } = await web.nobody(method, url, method === 'POST' ? { payload: {} } : {})
    expect(statusCode).toBe(status)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    const policy = String(headers['content-security-policy']).split(';')
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]),
    )
    expect(policy.join()).not.toMatch(/unsafe|https?:|\*/)
    // Over plain http it would lock people out of a local service.
    expect(headers).not.toHaveProperty('strict-transport-security')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).toHaveProperty('cache-control')
  })
})

describe('the page', () => {
  test('answers every address of its own router, fresh each time', async () => {
    for (const url of ['/', '/articles', '/articles/0197?x=1', '/sign-in']) {
      const { headers, body } = await web.nobody('GET', url)
      expect(body).toContain('<title>Dayshift</title>')
      expect(headers['cache-control']).toBe('no-cache')
    }
  })

  test('has files that are kept for a year, because their names change with them', async () => {
    const { headers } = await web.nobody('GET', '/assets/main-abc123.js')
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await web.nobody('GET', '/icon.svg')).headers['cache-control']).toBe('no-cache')
  })

  test.each([
    '/..%2f..%2fetc%2fpasswd.txt',
    '/%2e%2e/package.json',
    '/assets/..%2f..%2fsecret.txt',
    '/.env',
    '/api',
    '/api/',
  ])('gives nothing else: %s', async (url) => {
    const { statusCode, headers } = await web.nobody('GET', url)
    expect(statusCode).toBe(404)
    expect(headers['content-type']).toBe('application/problem+json')
  })
})

describe('compression', () => {
  beforeAll(async () => {
    const sourceId = await insertSource(web.context.db)
    for (let index = 0; index < 30; index += 1) await insertArticle(web.context.db, { sourceId })
  })

  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('a large answer is sent as %s to who asks for it', async (encoding, decompress) => {
    const headers = { 'accept-encoding': encoding }
    const plain = await web.reader('GET', '/api/v1/articles')
    const answer = await web.reader('GET', '/api/v1/articles', { headers })
    expect(answer.headers['content-encoding']).toBe(encoding)
    expect(answer.headers['vary']).toMatch(/accept-encoding/i)
    expect(answer.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3)
    expect(decompress(answer.rawPayload).toString()).toBe(plain.body)
    // The same state of the list: a browser may change its encodings.
    expect(answer.headers['etag']).toBe(plain.headers['etag'])
  })

  test('brotli goes before gzip', async () => {
    const headers = { 'accept-encoding': 'gzip, deflate, br' }
    expect((await web.reader('GET', '/api/v1/articles', { headers })).headers['content-encoding']).toBe('br')
  })

  test('a small answer is sent as it is', async () => {
    const headers = { 'accept-encoding': 'br, gzip' }
    const answer = await web.reader('GET', '/api/v1/health/live', { headers })
    expect(answer.headers).not.toHaveProperty('content-encoding')
  })

  test('a compressed request is not unpacked', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' }
    const payload = gzipSync('{"url":"https://packed.example.org/feed"}')
    expect((await web.writer('POST', '/api/v1/sources', { payload, headers })).statusCode).toBe(400)
  })
})
