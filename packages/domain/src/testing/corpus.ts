import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** The folder with real reports and a server for them, when it lies beside the project. */
export const corpus = new URL('../../../../../shared/corpus/', import.meta.url)
export const corpusIsAbsent: boolean = !existsSync(corpus)

export interface CorpusServer {
  origin: string
  feeds: string[]
  broken: string[]
  /** Paths that were asked for since the last call. */
  takeRequests: () => string[]
  close: () => Promise<void>
}

const Ready = z.object({ feeds: z.array(z.url()), broken: z.array(z.url()) })

/** Starts the server of the corpus with a proxy in front that writes down what is asked for. */
export async function serveCorpus(): Promise<CorpusServer> {
  const server = spawn(process.execPath, [fileURLToPath(new URL('serve.mjs', corpus)), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve, reject) => {
    server.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    server.once('exit', (code) => reject(new Error(`The server of the corpus ended with ${code}.`)))
  })
  const { feeds, broken } = Ready.parse(JSON.parse(line))
  const { port } = new URL(feeds[0] ?? '')
  let asked: string[] = []
  const proxy = createServer((incoming, outgoing) => {
    asked.push(incoming.url ?? '')
    // The host stays that of the proxy, so that the links lead through it too.
    const { url: path, headers } = incoming
    const upstream = ask({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    upstream.on('error', () => outgoing.destroy())
    outgoing.on('close', () => upstream.destroy())
    upstream.end()
  })
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const throughProxy = (urls: string[]) => urls.map((url) => `${origin}${new URL(url).pathname}`)
  return {
    origin,
    feeds: throughProxy(feeds),
    broken: throughProxy(broken),
    takeRequests() {
      const taken = asked
      asked = []
      return taken
    },
    async close() {
      proxy.closeAllConnections()
      await new Promise((resolve) => void proxy.close(resolve))
      server.kill()
    },
  }
}
