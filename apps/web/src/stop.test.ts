import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createApiToken, ensureAdministrator } from '@dayshift/domain/accounts'
import { startProcess, type TestProcess } from '@dayshift/runtime/testing'
import { openTestDatabase, services } from '@dayshift/storage/testing'
import { describe, expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const SLOW = 30_000

interface RunningWeb {
  process: TestProcess
  port: number
  address: string
  /** Of an API token that may read. */
  headers: { authorization: string }
}

/** A web process on the real servers. */
async function startWeb(env: Record<string, string> = {}): Promise<RunningWeb> {
  const database = await openTestDatabase()
  onTestFinished(database.close)
  const process = startProcess(main, {
    DATABASE_URL: database.url,
    REDIS_URL: services.redisUrl ?? '',
    REDIS_KEY_PREFIX: `stop-${globalThis.process.pid}`,
    SIGNING_SECRET: 'a secret of thirty-two characters',
    DEPLOYMENT: 'test-7',
    PORT: '0',
    ...env,
  })
  const [, port] = await process.says(/"port":(\d+),"msg":"the web is ready"/)
  const { id } = await ensureAdministrator(database.db)
  const { token } = await createApiToken({ db: database.db, clock: () => new Date() }, id, { name: 't', scope: 'read' })
  return {
    process,
    port: Number(port),
    address: `http://127.0.0.1:${port}`,
    headers: { authorization: `Bearer ${token}` },
  }
}

/** Sends the beginning of a request, whose end comes when `finish` is called; that gives the whole answer. */
async function beginRequest(port: number): Promise<{ socket: Socket; finish: () => Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const body = JSON.stringify({ link: 'x'.repeat(43) })
  socket.write(
    `POST /api/v1/session HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  )
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString()))
  return {
    socket,
    async finish() {
      socket.write(body.slice(5))
      await once(socket, 'close')
      return answer
    },
  }
}

describe.skipIf(!services.databaseUrl || !services.redisUrl)('a web process that is told to stop', () => {
  test(
    'is at once not ready, then takes no connection, answers what was begun, and ends with status 0',
    { timeout: SLOW },
    async () => {
      const { process, port, address } = await startWeb({ STOP_WITHIN_S: '20' })
      expect((await fetch(`${address}/ready`)).status).toBe(200)
      const begun = await beginRequest(port)
      const stopping = process.stop()
      await expect.poll(async () => (await fetch(`${address}/ready`)).status, { interval: 20, timeout: 900 }).toBe(503)
      expect((await fetch(`${address}/live`)).status).toBe(200)
      // A twentieth of the 20 s later it no longer listens.
      await sleep(1_200)
      await expect(fetch(`${address}/live`)).rejects.toThrow('fetch failed')
      // The link is wrong; that this is said makes it an answer.
      const answer = await begun.finish()
      expect(answer).toMatch(/^HTTP\/1\.1 401 /)
      const { status, signal, tookMs } = await stopping
      expect([status, signal]).toEqual([0, null])
      expect(tookMs).toBeLessThan(4_000)
    },
  )

  test('ends its streams whole, and does not wait for connections that are idle', { timeout: SLOW }, async () => {
    const { process, address, headers } = await startWeb()
    const stream = await fetch(`${address}/api/v1/jobs/events`, { headers })
    expect(stream.status).toBe(200)
    const { status, tookMs } = await process.stop()
    // Rejects when the answer breaks off.
    expect(await stream.text()).toContain('retry: 2000')
    expect(status).toBe(0)
    expect(tookMs).toBeLessThan(4_000)
  })

  test('cuts off what is not answered in time, and still ends with status 0', { timeout: SLOW }, async () => {
    const { process, port } = await startWeb({ STOP_WITHIN_S: '2' })
    const begun = await beginRequest(port)
    const { status, output, tookMs } = await process.stop()
    expect(status).toBe(0)
    expect(output).toContain('requests that were not answered in time are cut off')
    expect(tookMs).toBeGreaterThan(1_400)
    expect(tookMs).toBeLessThan(2_500)
    begun.socket.destroy()
  })

  test('ends at once with another status when it is told a second time', { timeout: SLOW }, async () => {
    const { process, port } = await startWeb()
    const begun = await beginRequest(port)
    process.child.kill('SIGTERM')
    await sleep(200)
    const { status, tookMs } = await process.stop()
    expect(status).toBe(1)
    expect(tookMs).toBeLessThan(1_000)
    begun.socket.destroy()
  })

  test('also ends with status 0 while it waits for its database', { timeout: SLOW }, async () => {
    const process = startProcess(main, { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', DATABASE_WAIT_S: '60' })
    await sleep(2_000)
    const { status, output, tookMs } = await process.stop()
    expect([status, output]).toEqual([0, expect.not.stringContaining('Error')])
    expect(tookMs).toBeLessThan(4_000)
  })
})

describe.skipIf(!services.databaseUrl || !services.redisUrl)('a web process', () => {
  test(
    'says in each line of its log who it is, and serves metrics on a port of their own',
    { timeout: SLOW },
    async () => {
      const { process, address } = await startWeb({ METRICS_PORT: '0' })
      const lines = process.output().trim().split('\n')
      for (const line of lines) expect(JSON.parse(line)).toMatchObject({ service: 'web', deployment: 'test-7' })
      const [, port] = await process.says(/"metricsPort":(\d+)/)
      await (await fetch(`${address}/health`)).text()
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      expect(text).toContain('dayshift_active_sessions 0')
      expect(text).toContain('dayshift_http_request_duration_seconds_count{route="/health",method="GET",status="2xx"}')
      expect((await fetch(`${address}/metrics`)).headers.get('content-type')).not.toContain('version=0.0.4')
      expect((await process.stop()).status).toBe(0)
    },
  )
})
