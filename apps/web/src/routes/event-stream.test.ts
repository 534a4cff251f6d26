import { request, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { streams } from '../plugins/streams.ts'
import { startTestWeb, type TestWeb } from '../testing/web.ts'
import { openEventStream } from './event-stream.ts'

interface OpenStream {
  status: number
  headers: IncomingMessage['headers']
  /** All that has come so far. */
  text: () => string
  ended: Promise<void>
  leave: () => void
}

function open(address: string, path: string, headers: Record<string, string> = {}): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const sent = request(`${address}${path}`, { headers })
    sent.on('error', reject)
    sent.on('response', (answer) => {
      let text = ''
      const ended = new Promise<void>((resolve) => {
        answer.on('close', resolve)
        answer.on('error', () => resolve())
      })
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      const leave = (): void => void sent.destroy()
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: () => text, ended, leave })
    })
    sent.end()
  })
}

async function until(holds: () => boolean, timeoutMs = 5000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !holds(); await sleep(5)) {
    if (Date.now() > end) throw new Error(`It did not happen in ${timeoutMs} ms: ${holds.toString()}`)
  }
}

describe('the events of jobs', () => {
  const path = '/api/v1/jobs/events'
  let web: TestWeb
  let address = ''
  beforeEach(async () => {
    web = await startTestWeb()
    address = await web.server.listen({ port: 0, host: '127.0.0.1' })
  })
  afterEach(() => web.close())

  test('arrive as they are told', async () => {
    const stream = await open(address, path, web.personHeaders)
    expect(stream.status).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    web.tell({ type: 'done', id: '7', job: 'source.poll', queue: 'fetch', error: 'two\nlines' })
    await until(() => stream.text().includes('data:'))
    expect(stream.text()).toBe(
      'retry: 2000\n\nevent: job\ndata: {"type":"done","id":"7","job":"source.poll","queue":"fetch","error":"two\\nlines"}\n\n',
    )
    stream.leave()
  })

  test('are not told any more to who has left', async () => {
    const streams = await Promise.all([open(address, path, web.personHeaders), open(address, path, web.personHeaders)])
    await until(() => web.listening() === 2)
    for (const { leave } of streams) leave()
    await until(() => web.listening() === 0)
    expect(web.server.streams.size).toBe(0)
  })

  test('end at once when the server stops, which takes less than a second', async () => {
    const stream = await open(address, path, web.personHeaders)
    const start = performance.now()
    await web.server.close()
    await stream.ended
    expect(performance.now() - start).toBeLessThan(1000)
    expect(web.listening()).toBe(0)
  })

  test('are for the signed-in only, and a HEAD opens no stream', async () => {
    const nobody = await open(address, path)
    expect(nobody.status).toBe(401)
    nobody.leave()
    expect((await web.person('HEAD', path)).statusCode).toBe(404)
    expect(web.listening()).toBe(0)
  })
})

describe('an event stream', () => {
  const serve = async (isAllowed: () => Promise<boolean>) => {
    const server = Fastify()
    await server.register(streams)
    let send: (event: string, data: unknown) => void = () => {}
    let closed = 0
    let unreadBytes = () => 0
    server.get('/', (request, reply) => {
      unreadBytes = () => reply.raw.writableLength
      send = openEventStream(request, reply, { isAllowed, onClose: () => (closed += 1), heartbeatMs: 20 })
    })
    const address = await server.listen({ port: 0, host: '127.0.0.1' })
    return {
      server,
      address,
      send: (data: unknown) => send('x', data),
      closed: () => closed,
      unreadBytes: () => unreadBytes(),
    }
  }

  test('beats while nothing happens', async () => {
    const { server, address } = await serve(async () => true)
    const stream = await open(address, '/')
    await until(() => stream.text().includes('still here\n\n: still'))
    await server.close()
    await stream.ended
    expect(stream.text()).toMatch(/^retry: 2000\n\n(: still here\n\n){2,}$/)
  })

  test('ends with the sign-in that opened it', async () => {
    let isAllowed = true
    const { server, address, closed } = await serve(async () => isAllowed)
    const stream = await open(address, '/')
    await until(() => stream.text().includes('still here'))
    isAllowed = false
    await stream.ended
    expect(closed()).toBe(1)
    await server.close()
  })

  test('drops events that a client does not read', async () => {
    const { server, address, send, unreadBytes } = await serve(async () => true)
    const sent = request(address)
    await new Promise<void>((resolve) => {
      sent.on('response', (answer) => {
        answer.pause()
        resolve()
      })
      sent.end()
    })
    for (let count = 0; count < 1000; count += 1) send('y'.repeat(10_000))
    expect(unreadBytes()).toBeGreaterThan(0)
    expect(unreadBytes()).toBeLessThan(100_000)
    sent.destroy()
    await server.close()
  })
})
