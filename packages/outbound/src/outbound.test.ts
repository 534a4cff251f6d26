import type { IncomingHttpHeaders } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'

import { createOutbound, OutboundFailed } from './index.ts'
import type { Outbound, OutboundOptions } from './index.ts'
import { createCertificate } from './testing/certificate.ts'
import { codeOf, serve } from './testing/server.ts'

/** Names that all lead to one local server; what is dialled is noted. */
function createStaged(port: number, names: Record<string, string[][]>, options: OutboundOptions = {}) {
  const dialled: string[] = []
  const queries: Record<string, number> = {}
  const outbound = createOutbound({
    ...options,
    async resolve(hostname) {
      const answers = names[hostname] ?? []
      const query = (queries[hostname] ??= 0)
      queries[hostname] = query + 1
      return answers[Math.min(query, answers.length - 1)] ?? []
    },
    async dial({ hostname, addresses }) {
      dialled.push(`${hostname} ${addresses.join(' ')}`)
      return connect(port, '127.0.0.1')
    },
  })
  return { outbound, dialled }
}

async function closing<Value>(outbound: Outbound, work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } finally {
    await outbound.close()
  }
}

test('gives status, headers, body and the number of bytes', async () => {
  await using server = await serve((_request, response) => {
    response.writeHead(404, { 'X-Test': 'yes', 'retry-after': '7' }).end('gone')
  })
  const outbound = createOutbound({ allowOrigins: [server.origin] })
  const response = await closing(outbound, outbound.get(`${server.origin}/a#part`))
  expect(response).toMatchObject({
    status: 404,
    url: `${server.origin}/a`,
    wireBytes: 4,
    redirects: [],
    notModified: false,
  })
  expect(response.headers['x-test']).toBe('yes')
  expect(response.retryAfterMs).toBe(7_000)
  expect(Buffer.from(response.body).toString()).toBe('gone')
  expect(response.body.buffer.byteLength).toBe(4)
  expect(response).not.toHaveProperty('permanentRedirectTo')
})

test.each([
  [301, 308, true],
  [301, 302, false],
  [307, 301, false],
])('after %i and %i the address has moved for good: %j', async (first, second, moved) => {
  await using server = await serve((request, response) => {
    if (request.url === '/a') return void response.writeHead(first, { location: '/b' }).end()
    if (request.url === '/b') return void response.writeHead(second, { location: 'c?d=1' }).end()
    response.end('here')
  })
  const outbound = createOutbound({ allowOrigins: [server.origin] })
  const response = await closing(outbound, outbound.get(`${server.origin}/a`))
  expect(response.redirects).toEqual([`${server.origin}/b`, `${server.origin}/c?d=1`])
  expect(response.url).toBe(`${server.origin}/c?d=1`)
  expect(response.permanentRedirectTo).toBe(moved ? response.url : undefined)
})

test('follows at most the stated number of redirects', async () => {
  let requests = 0
  await using server = await serve((_request, response) => {
    requests += 1
    response.writeHead(302, { location: '/again' }).end()
  })
  const outbound = createOutbound({ allowOrigins: [server.origin], limits: { maxRedirects: 3 } })
  expect(await closing(outbound, codeOf(outbound.get(server.origin)))).toBe('redirects')
  expect(requests).toBe(4)
})

test.each([
  ['http://127.0.0.1/', 'address'],
  ['//169.254.169.254/latest/', 'address'],
  ['/\t/10.0.0.1/', 'address'],
  ['http://[::ffff:7f00:1]/', 'address'],
  ['http://localhost/', 'name'],
  ['http://inside.example.com/', 'address'],
  ['http://site.example.com:6379/', 'port'],
  ['http://a:b@site.example.com/', 'credentials'],
  ['file:///etc/passwd', 'scheme'],
  ['http://[::1', 'not-a-url'],
])('a public site cannot redirect to %j', async (location, code) => {
  await using server = await serve((request, response) => {
    request.socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`)
    response.destroy()
  })
  const names = { 'site.example.com': [['93.184.216.34']], 'inside.example.com': [['10.0.0.7']] }
  const { outbound, dialled } = createStaged(server.port, names)
  expect(await closing(outbound, codeOf(outbound.get('http://site.example.com/')))).toBe(code)
  expect(dialled).toEqual(['site.example.com 93.184.216.34'])
})

test('an allowed origin may redirect to itself, not to another port or address', async () => {
  await using other = await serve((_request, response) => void response.end('secret'))
  await using server = await serve((request, response) => {
    const to = { '/own': '/end', '/port': `${other.origin}/`, '/name': `http://localhost:${server.port}/end` }[
      request.url!
    ]
    if (to === undefined) return void response.end('end')
    response.writeHead(302, { location: to }).end()
  })
  const outbound = createOutbound({ allowOrigins: [server.origin] })
  expect(await codeOf(outbound.get(`${server.origin}/own`))).toMatchObject({ status: 200 })
  expect(await codeOf(outbound.get(`${server.origin}/port`))).toBe('port')
  expect(await closing(outbound, codeOf(outbound.get(`${server.origin}/name`)))).toBe('port')
})

test('a site may redirect to an allowed origin on a private address', async () => {
  await using server = await serve((request, response) => {
    if (request.headers.host === 'wiki.intranet') return void response.end('wiki')
    response.writeHead(302, { location: 'http://wiki.intranet/' }).end()
  })
  const names = { 'site.example.com': [['93.184.216.34']], 'wiki.intranet': [['10.0.0.7']] }
  const { outbound, dialled } = createStaged(server.port, names, { allowOrigins: ['http://wiki.intranet'] })
  const response = await closing(outbound, outbound.get('http://site.example.com/'))
  expect(Buffer.from(response.body).toString()).toBe('wiki')
  expect(dialled).toEqual(['site.example.com 93.184.216.34', 'wiki.intranet 10.0.0.7'])
})

test('dials the answers that were checked, and refuses a name with a single private one', async () => {
  await using server = await serve(
    (_request, response) => void response.writeHead(200, { connection: 'close' }).end('ok'),
  )
  const names = {
    'rebind.example.com': [['93.184.216.34'], ['127.0.0.1']],
    'mixed.example.com': [['93.184.216.34', 'fd00::5']],
    'none.example.com': [[]],
  }
  const { outbound, dialled } = createStaged(server.port, names)
  expect(await codeOf(outbound.get('http://rebind.example.com/'))).toMatchObject({ status: 200 })
  expect(await codeOf(outbound.get('http://rebind.example.com/'))).toBe('address')
  expect(await codeOf(outbound.get('http://mixed.example.com/'))).toBe('address')
  expect(await closing(outbound, codeOf(outbound.get('http://none.example.com/')))).toBe('no-address')
  expect(dialled).toEqual(['rebind.example.com 93.184.216.34'])
})

test('refuses a loopback answer of the real dialling before anything is sent', async () => {
  let requests = 0
  await using server = await serve((_request, response) => {
    requests += 1
    response.end()
  })
  const outbound = createOutbound({ ports: [server.port], resolve: async () => ['127.0.0.1'] })
  expect(await closing(outbound, codeOf(outbound.get(`http://site.example.com:${server.port}/`)))).toBe('address')
  expect(requests).toBe(0)
})

test('headers and validators of the caller stay with the first origin, also after a way back', async () => {
  const seen: [string, IncomingHttpHeaders][] = []
  await using server = await serve((request, response) => {
    seen.push([request.headers.host + request.url!, request.headers])
    const to = {
      'a.example.com/': '/own',
      'a.example.com/own': 'http://b.example.com/',
      'b.example.com/': 'http://a.example.com/back',
    }
    const location = (to as Record<string, string>)[request.headers.host + request.url!]
    if (location === undefined) return void response.end()
    response.writeHead(302, { location }).end()
  })
  const names = { 'a.example.com': [['93.184.216.34']], 'b.example.com': [['1.1.1.1']] }
  const { outbound } = createStaged(server.port, names, { userAgent: 'Test/1' })
  const options = { headers: { Authorization: 'secret', Cookie: 'secret' }, etag: '"x"', accept: 'text/xml' }
  await closing(outbound, outbound.get('http://a.example.com/', options))
  const told = seen.map(([where, headers]) => [where, headers.authorization, headers.cookie, headers['if-none-match']])
  expect(told).toEqual([
    ['a.example.com/', 'secret', 'secret', '"x"'],
    ['a.example.com/own', 'secret', 'secret', '"x"'],
    ['b.example.com/', undefined, undefined, undefined],
    ['a.example.com/back', undefined, undefined, undefined],
  ])
  for (const [, headers] of seen) expect(headers).toMatchObject({ accept: 'text/xml', 'user-agent': 'Test/1' })
})

test('says when what the caller has is current', async () => {
  await using server = await serve((request, response) => {
    const current = request.headers['if-none-match'] === '"x"' || request.headers['if-modified-since'] !== undefined
    response.writeHead(current || request.url === '/odd' ? 304 : 200, { etag: '"x"', 'content-length': 5 })
    response.end(current ? undefined : 'hello')
  })
  const outbound = createOutbound({ allowOrigins: [server.origin] })
  const get = (path: string, options = {}) => outbound.get(server.origin + path, options)
  expect(await get('/', { etag: '"x"' })).toMatchObject({ status: 304, notModified: true, wireBytes: 0 })
  expect(await get('/', { lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT' })).toMatchObject({ notModified: true })
  expect(await get('/', { etag: '"y"' })).toMatchObject({ status: 200, notModified: false })
  expect(await closing(outbound, get('/odd'))).toMatchObject({ status: 304, notModified: false })
})

test('checks certificates', async () => {
  await using server = await serve(
    () => undefined,
    createTlsServer(createCertificate('127.0.0.1'), (_request, response) => void response.end()),
  )
  const origin = server.origin.replace('http:', 'https:')
  const outbound = createOutbound({ allowOrigins: [origin] })
  const error = await closing(
    outbound,
    outbound.get(origin).catch((thrown: unknown) => thrown),
  )
  expect(error).toMatchObject({ name: 'OutboundFailed', code: 'tls', retryable: false })
})

test('names the failure of a name, a port, and a server that speaks another language', async () => {
  const outbound = createOutbound({
    allowOrigins: ['http://127.0.0.1:1'],
    resolve: async () => {
      throw Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' })
    },
  })
  expect(await codeOf(outbound.get('http://absent.example.com/'))).toBe('dns')
  const refused = await closing(
    outbound,
    outbound.get('http://127.0.0.1:1/').catch((thrown: unknown) => thrown),
  )
  expect(refused).toMatchObject({ code: 'connect', retryable: true })
  expect((refused as Error).message).toBe('expected a connection, got refused (127.0.0.1:1, ECONNREFUSED)')

  const smtp = createTcpServer((socket) => void socket.on('error', () => undefined).end('220 mail ESMTP\r\n'))
  await new Promise<void>((resolve) => void smtp.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(smtp.address() as AddressInfo).port}`
  const other = createOutbound({ allowOrigins: [origin] })
  expect(await closing(other, codeOf(other.get(origin)))).toBe('protocol')
  smtp.close()
})

test('stops when the caller says so, and gives the reason of the caller', async () => {
  await using server = await serve((_request, response) => void response.write('first'))
  const outbound = createOutbound({ allowOrigins: [server.origin] })
  const reason = new Error('enough')
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 50)
  await expect(outbound.get(server.origin, { signal: controller.signal })).rejects.toBe(reason)
  await expect(closing(outbound, outbound.get(server.origin, { signal: AbortSignal.abort(reason) }))).rejects.toBe(
    reason,
  )
})

test('ends open exchanges when it is closed, and takes no more', async () => {
  await using server = await serve(() => undefined)
  const outbound = createOutbound({ allowOrigins: [server.origin] })
  const open = outbound.get(server.origin).catch((thrown: unknown) => thrown)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await outbound.close()
  expect(await open).toBeInstanceOf(OutboundFailed)
  expect(await codeOf(open.then((error) => Promise.reject(error)))).toBe('closed')
  expect(await codeOf(outbound.get(server.origin))).toBe('closed')
})

test('checks an address without the network', () => {
  const outbound = createOutbound()
  expect(outbound.check('http://example.com/a').href).toBe('http://example.com/a')
  expect(() => outbound.check('http://10.0.0.1/')).toThrow('expected a public address, got "10.0.0.1"')
})
