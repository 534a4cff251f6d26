import type { RequestListener } from 'node:http'
import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

import { createOutbound } from './index.ts'
import type { OutboundLimits, OutboundResponse } from './index.ts'
import { codeOf, serve } from './testing/server.ts'

const zeros = Buffer.alloc(1_000_000)
const minute = { totalTimeoutMs: 60_000, headersTimeoutMs: 60_000, idleTimeoutMs: 60_000 }

async function getFrom(listener: RequestListener, limits: Partial<OutboundLimits> = {}) {
  await using server = await serve(listener)
  const outbound = createOutbound({ allowOrigins: [server.origin], limits: { ...minute, ...limits } })
  const startMs = performance.now()
  const code = await codeOf(outbound.get(server.origin))
  const elapsedMs = performance.now() - startMs
  await outbound.close()
  return { code, elapsedMs }
}

/** 200 MB of zeros as one gzip member, streamed. */
const gzipBomb: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-encoding': 'gzip' })
  const gzip = createGzip()
  gzip.on('error', () => undefined).pipe(response)
  let megabytes = 0
  const more = (): void => {
    if (response.destroyed) return
    megabytes += 1
    if (megabytes > 200) gzip.end()
    else gzip.write(zeros, more)
  }
  more()
}

test('stops a gzip bomb by its ratio, in bounded memory', async () => {
  const beforeBytes = process.memoryUsage().rss
  const { code, elapsedMs } = await getFrom(gzipBomb, { maxBodyBytes: 150_000_000 })
  expect(code).toBe('ratio')
  expect(elapsedMs).toBeLessThan(3_000)
  expect(process.memoryUsage().rss - beforeBytes).toBeLessThan(150_000_000)
})

test('stops a gzip bomb by its size where the ratio is allowed', async () => {
  const { code } = await getFrom(gzipBomb, { maxRatio: 10_000, maxBodyBytes: 5_000_000 })
  expect(code).toBe('too-big')
})

test('stops a brotli bomb of a few hundred bytes', async () => {
  const packed = brotliCompressSync(Buffer.alloc(50_000_000))
  expect(packed.length).toBeLessThan(500)
  const { code, elapsedMs } = await getFrom((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'br' }).end(packed)
  })
  expect(code).toBe('ratio')
  expect(elapsedMs).toBeLessThan(3_000)
})

test.each([
  ['gzip, gzip', gzipSync(gzipSync('x'))],
  ['zstd', Buffer.from('x')],
  ['constructor', Buffer.from('x')],
])('refuses the coding %j', async (coding, body) => {
  const { code } = await getFrom((_request, response) => {
    response.writeHead(200, { 'content-encoding': coding }).end(body)
  })
  expect(code).toBe('encoding')
})

test.each([
  ['gzip', gzipSync('hello')],
  ['x-gzip', gzipSync('hello')],
  ['br', brotliCompressSync('hello')],
  ['identity', Buffer.from('hello')],
  ['', Buffer.from('hello')],
])('decodes the coding %j', async (coding, body) => {
  const { code } = await getFrom((_request, response) => {
    response.writeHead(200, { 'content-encoding': coding }).end(body)
  })
  expect(Buffer.from((code as OutboundResponse).body).toString()).toBe('hello')
  expect((code as OutboundResponse).wireBytes).toBe(body.length)
})

test('takes an empty body under a coding, and names one that does not decode', async () => {
  const sent = (body: Uint8Array): RequestListener => {
    return (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(body)
  }
  expect((await getFrom(sent(Buffer.alloc(0)))).code).toMatchObject({ status: 200, wireBytes: 0 })
  expect((await getFrom(sent(Buffer.from('<rss>')))).code).toBe('decode')
  expect((await getFrom(sent(gzipSync('hello').subarray(0, 15)))).code).toBe('decode')
})

const endless: RequestListener = (_request, response) => {
  const more = (): void => {
    while (!response.destroyed && response.write(zeros.subarray(0, 65_536)));
  }
  response.on('drain', more)
  more()
}

test('stops an endless body at the cap of the wire', async () => {
  const { code, elapsedMs } = await getFrom(endless, { maxWireBytes: 5_000_000, maxBodyBytes: 1e9 })
  expect(code).toBe('too-big')
  expect(elapsedMs).toBeLessThan(3_000)
})

test('refuses a length over the cap before it reads', async () => {
  const { code, elapsedMs } = await getFrom((_request, response) => {
    response.writeHead(200, { 'content-length': 10_000_001 }).flushHeaders()
  })
  expect(code).toBe('too-big')
  expect(elapsedMs).toBeLessThan(1_000)
})

test.each([
  ['headers that never come', 'headersTimeoutMs', () => undefined],
  ['a stalled body', 'idleTimeoutMs', (_request, response) => void response.write('x')],
  ['a slow drip', 'totalTimeoutMs', drip],
  ['endless interim responses', 'headersTimeoutMs', interim],
] satisfies [string, keyof OutboundLimits, RequestListener][])('stops %s by %s', async (_what, limit, listener) => {
  const { code, elapsedMs } = await getFrom(listener, { [limit]: 400 })
  expect(code).toBe('timeout')
  expect(elapsedMs).toBeGreaterThanOrEqual(395)
  expect(elapsedMs).toBeLessThan(1_500)
})

test('a slow body within the limits arrives', async () => {
  const { code } = await getFrom(
    (_request, response) => {
      let pieces = 0
      const timer = setInterval(() => {
        response.write('x')
        if (++pieces === 10) response.end(() => clearInterval(timer))
      }, 60)
    },
    { idleTimeoutMs: 400, headersTimeoutMs: 400 },
  )
  expect(code).toMatchObject({ status: 200, wireBytes: 10 })
})

test('refuses 40 kB of headers', async () => {
  const { code } = await getFrom((_request, response) => {
    response.writeHead(200, { 'x-long': 'x'.repeat(40_000) }).end()
  })
  expect(code).toBe('headers-too-big')
})

test('takes neither a short nor a cut body for a page', async () => {
  const short = await getFrom((request, response) => {
    response.writeHead(200, { 'content-length': 100, connection: 'close' })
    response.write('short', () => request.socket.end())
  })
  expect(short.code).toBe('length-mismatch')
  const cut = await getFrom((request, response) => {
    response.write('first chunk', () => request.socket.destroy())
  })
  expect(cut.code).toBe('reset')
})

function drip(...[, response]: Parameters<RequestListener>): void {
  const timer = setInterval(() => response.write('x'), 50)
  response.on('close', () => clearInterval(timer))
}

function interim(...[, response]: Parameters<RequestListener>): void {
  const timer = setInterval(() => response.writeProcessing(), 50)
  response.on('close', () => clearInterval(timer))
}
