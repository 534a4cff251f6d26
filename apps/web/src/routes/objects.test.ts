import { request } from 'node:http'
import { Readable } from 'node:stream'
import { beforeAll, describe, expect, test } from 'vitest'
import { startTestWeb, useTestWeb } from '../testing/web.ts'

const web = useTestWeb()
const objects = () => web().context.objects
const pathOf = (url: string): string => url.slice('http://localhost'.length)
const signed = async (key: string, method: 'GET' | 'PUT' = 'GET', downloadName?: string): Promise<string> =>
  pathOf(await objects().sign(key, { method, expiresInS: 60, downloadName }))

const key = 'raw/2026/a page & more/ünï.html'
const content = '<script>alert(1)</script>0123456789'
beforeAll(async () => {
  await objects().put(key, content, { contentType: 'text/html; charset=utf-8' })
})

describe('a signed address', () => {
  test('gives the object to everybody, to be saved and not to be run', async () => {
    const { statusCode, body, headers } = await web().nobody('GET', await signed(key))
    expect([statusCode, body]).toEqual([200, content])
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(content.length),
      'content-disposition': 'attachment; filename="_n_.html"; filename*=UTF-8\'\'%C3%BCn%C3%AF.html',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
    })
  })

  test('gives it the name that was signed', async () => {
    const { headers } = await web().nobody('GET', await signed(key, 'GET', 'a "report".html'))
    expect(headers['content-disposition']).toMatch(/^attachment; filename="a _report_\.html"/)
  })

  test('of a very long key works', async () => {
    const long = `${'a'.repeat(200)}/${'b'.repeat(240)}/${'c'.repeat(240)}`
    await objects().put(long, 'x')
    expect((await web().nobody('GET', await signed(long))).body).toBe('x')
  })

  test('is not compressed, so that ranges fit', async () => {
    await objects().put('large.json', 'y'.repeat(5000), { contentType: 'application/json' })
    const headers = { 'accept-encoding': 'br, gzip' }
    const answer = await web().nobody('GET', await signed('large.json'), { headers })
    expect(answer.headers).not.toHaveProperty('content-encoding')
    expect(answer.body).toHaveLength(5000)
  })

  test('of nothing is not found', async () => {
    expect((await web().nobody('GET', await signed('nothing'))).statusCode).toBe(404)
  })

  test('is good for its time only', async () => {
    const url = await signed('nothing')
    web().pass(60_000)
    const answer = await web().nobody('GET', url)
    expect([answer.statusCode, answer.json().detail]).toEqual([403, 'The signed URL has expired.'])
  })

  test('is good for its method, its key and as it was signed only', async () => {
    const url = await signed(key)
    const attempts: ['GET' | 'PUT' | 'DELETE' | 'HEAD', string][] = [
      ['PUT', url],
      ['GET', await signed(key, 'PUT')],
      ['GET', url.replace('.html', '.htm')],
      ['GET', url.replace(/expires=\d/, 'expires=9')],
      ['GET', url.replace(/signature=(.)/, (_match, first) => `signature=${first === 'A' ? 'B' : 'A'}`)],
      ['GET', url.replace(/&signature=.*/, '')],
      ['GET', `${url}&name=other`],
      ['GET', '/objects/..%2f..%2fetc%2fpasswd?expires=9999999999&method=GET&signature=x'],
    ]
    for (const [method, url] of attempts) {
      const { statusCode } = await web().nobody(method, url, method === 'PUT' ? { payload: 'x' } : {})
      expect(`${method} ${url} ${statusCode}`).toMatch(/ (403|404)$/)
    }
    expect((await web().nobody('HEAD', url)).statusCode).toBe(404)
    expect((await objects().get(key)).bytes.length).toBe(content.length)
  })
})

// RFC 9110 §14.
describe('a part of an object', () => {
  const last = content.length - 1
  test.each([
    ['bytes=0-6', '<script', `bytes 0-6/${content.length}`],
    ['bytes=25-', '0123456789', `bytes 25-${last}/${content.length}`],
    ['bytes=-3', '789', `bytes ${last - 2}-${last}/${content.length}`],
    ['bytes=30-999', '56789', `bytes 30-${last}/${content.length}`],
    ['bytes=-999', content, `bytes 0-${last}/${content.length}`],
  ])('%s is "%s"', async (range, body, contentRange) => {
    const answer = await web().nobody('GET', await signed(key), { headers: { range } })
    expect([answer.statusCode, answer.body]).toEqual([206, body])
    expect(answer.headers).toMatchObject({ 'content-range': contentRange, 'content-length': String(body.length) })
  })

  test.each(['bytes=0-1,3-4', 'lines=1-2', 'bytes=-'])('%s is the whole', async (range) => {
    const answer = await web().nobody('GET', await signed(key), { headers: { range } })
    expect([answer.statusCode, answer.body]).toEqual([200, content])
    expect(answer.headers).not.toHaveProperty('content-range')
  })

  test.each(['bytes=5-2', 'bytes=99-', 'bytes=-0'])('%s is none', async (range) => {
    const answer = await web().nobody('GET', await signed(key), { headers: { range } })
    expect([answer.statusCode, answer.json().code]).toEqual([416, 'range-not-satisfiable'])
    expect(answer.headers['content-range']).toBe(`bytes */${content.length}`)
    expect(answer.headers).not.toHaveProperty('content-disposition')
  })

  test('of another state of it is the whole', async () => {
    const url = await signed(key)
    const etag = String((await web().nobody('GET', url)).headers['etag'])
    const ask = async (value: string) =>
      (await web().nobody('GET', url, { headers: { range: 'bytes=0-1', 'if-range': value } })).statusCode
    expect([await ask(etag), await ask('"other"')]).toEqual([206, 200])
    const headers = { 'if-none-match': etag }
    expect((await web().nobody('GET', url, { headers })).statusCode).toBe(304)
  })
})

describe('an upload', () => {
  test('stores the object with its type', async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await web().nobody('PUT', await signed('up/loaded.json', 'PUT'), { payload: '{"a":', headers })
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    const { bytes, contentType } = await objects().get('up/loaded.json')
    expect([Buffer.from(bytes).toString(), contentType]).toEqual(['{"a":', 'application/json'])
  })

  test('may be empty', async () => {
    expect((await web().nobody('PUT', await signed('up/empty', 'PUT'))).statusCode).toBe(204)
    expect((await objects().head('up/empty')).sizeBytes).toBe(0)
  })

  test('of more than 100 MiB is refused, whether it says its size or not, and nothing is kept', async () => {
    const address = await web().server.listen({ port: 0, host: '127.0.0.1' })
    const chunk = Buffer.alloc(1_048_576)
    for (const headers of [{ 'content-length': 101 * chunk.length }, {}]) {
      const sent = request(`${address}${await signed('up/big', 'PUT')}`, { method: 'PUT', headers })
      const answered = new Promise<number>((resolve, reject) => {
        sent.on('response', (answer) => resolve(answer.statusCode ?? 0))
        sent.on('error', reject)
      })
      Readable.from(Array.from({ length: 101 }, () => chunk)).pipe(sent)
      expect(await answered).toBe(413)
      sent.destroy()
      expect(await objects().find('up/big')).toBeUndefined()
    }
  })

  test('that breaks off keeps nothing', async () => {
    const address = web().server.listeningOrigin
    const sent = request(`${address}${await signed('up/broken', 'PUT')}`, {
      method: 'PUT',
      headers: { 'content-length': 1000 },
    })
    sent.on('error', () => {})
    sent.write('half')
    await new Promise((resolve) => setTimeout(resolve, 100))
    sent.destroy()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await objects().find('up/broken')).toBeUndefined()
  })
})

test('without a folder of objects there is no such route', async () => {
  const other = await startTestWeb({ signedObjects: undefined })
  try {
    expect((await other.nobody('GET', '/objects/x')).statusCode).toBe(404)
    expect(other.routes.some(({ url }) => url.startsWith('/objects'))).toBe(false)
  } finally {
    await other.close()
  }
})
