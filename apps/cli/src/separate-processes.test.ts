import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { openTestDatabase, services } from '@dayshift/storage/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from './testing/start.ts'

const feed = `<rss version="2.0"><channel><title>t</title><item><title>Quiet loader</title><link>http://127.0.0.1/x</link>
<guid>1</guid><description>${'The loader asks c2[.]quiet-loader[.]com for orders. '.repeat(40)}</description></item></channel></rss>`

/** Starts one of the processes of a deployment and waits for a line of its output. */
async function startProcess(entry: string, env: Record<string, string>, line: RegExp): Promise<string> {
  const main = fileURLToPath(new URL(`../../${entry}`, import.meta.url))
  const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'] ?? '', ...env } })
  onTestFinished(async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'close')
  })
  let output = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (line.test(output)) resolve(output)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('close', () => reject(new Error(`${entry} ended:\n${output}`)))
  })
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return String(port)
}

describe.skipIf(!services.databaseUrl || !services.redisUrl)('web and worker as processes of their own', () => {
  test('a source added in the web is read by the worker and found in the web', { timeout: 60_000 }, async () => {
    const feeds = createServer((_, response) => response.setHeader('content-type', 'application/rss+xml').end(feed))
    feeds.listen(0, '127.0.0.1')
    await once(feeds, 'listening')
    onTestFinished(() => void feeds.close())
    const origin = `http://127.0.0.1:${(feeds.address() as AddressInfo).port}`
    const { url, close } = await openTestDatabase()
    onTestFinished(close)
    const port = await freePort()
    const env = {
      DATABASE_URL: url,
      REDIS_URL: services.redisUrl ?? '',
      DAYSHIFT_DATA: temporaryFolder(),
      ALLOW_ORIGINS: origin,
      PORT: port,
      WORKER_HEALTH_PORT: await freePort(),
    }
    await startProcess('worker/src/main.ts', env, /the worker is ready/)
    await startProcess('web/src/main.ts', env, /the web is ready/)
    const printed = await startProcess('cli/src/sign-in-link.ts', env, /#\S+\n/)
    const [, link] = /#(\S+)/.exec(printed) ?? []

    const base = `http://127.0.0.1:${port}/api/v1`
    const json = { 'content-type': 'application/json' }
    const signIn = await fetch(`${base}/session`, { method: 'POST', headers: json, body: JSON.stringify({ link }) })
    expect(signIn.status).toBe(200)
    const cookie = signIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const headers = { ...json, cookie }
    const added = await fetch(`${base}/sources`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ url: `${origin}/feed` }),
    })
    expect(added.status).toBe(201)
    await expect
      .poll(
        async () => {
          const found = await fetch(`${base}/search?q=c2[.]quiet-loader[.]com`, { headers })
          const { items } = (await found.json()) as { items: { article: { title: string }; matched: string[] }[] }
          return items.map(({ article, matched }) => [article.title, matched.includes('indicator')])
        },
        { timeout: 20_000, interval: 200 },
      )
      .toEqual([['Quiet loader', true]])
    const health = await fetch(`http://127.0.0.1:${env.WORKER_HEALTH_PORT}/ready`)
    expect(health.status).toBe(200)
  })
})
