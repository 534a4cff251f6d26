import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { LlmUnavailable } from '../errors.ts'
import { toHttpError } from './errors.ts'

export interface OllamaAddress {
  /** Such as `http://127.0.0.1:11434`; a path before `/api` is kept. */
  url: string
  /** Such as an `authorization` that a proxy before Ollama wants. */
  headers?: OutgoingHttpHeaders | undefined
  connectTimeoutMs: number
}

export interface OllamaHttp {
  /**
   * The bytes of the answer to a POST of JSON, as soon as its head is there. Only connecting has a time limit of its own: a
   * model may take minutes before the first byte. @throws LlmError for anything but a status of 200, there and while reading
   */
  post(path: string, body: unknown, signal: AbortSignal): Promise<AsyncIterable<Buffer>>
  close(): void
}

/** As much as is read of an error. */
const ERROR_BYTES = 65_536

export function createOllamaHttp({ url, headers, connectTimeoutMs }: OllamaAddress): OllamaHttp {
  const base = new URL(url)
  const secure = base.protocol === 'https:'
  // A connection for each call: what it costs is nothing beside a model, and none can grow stale between two.
  const agent = secure ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false })
  const addressOf = (path: string) => new URL(base.pathname.replace(/\/+$/, '') + path, base)

  const open = (path: string, body: string, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      let connected = false
      const request = (secure ? httpsRequest : httpRequest)(addressOf(path), {
        method: 'POST',
        agent,
        signal,
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      })
      const late = setTimeout(() => {
        request.destroy(new Error(`no connection within ${connectTimeoutMs} ms`))
      }, connectTimeoutMs)
      request.on('socket', (socket) => {
        socket.once(secure ? 'secureConnect' : 'connect', () => {
          connected = true
          clearTimeout(late)
        })
      })
      request.on('error', (error) => reject(toConnectionError(error, base.origin, connected)))
      request.on('close', () => clearTimeout(late))
      request.on('response', (response) => {
        // Whoever reads it hears of the error; one that comes after the reading has no listener otherwise.
        response.on('error', () => undefined)
        resolve(response)
      })
      request.end(body)
    })

  async function* bytesOf(response: IncomingMessage): AsyncGenerator<Buffer> {
    try {
      yield* response as AsyncIterable<Buffer>
    } catch (error) {
      throw toConnectionError(error as Error, base.origin, true)
    }
  }

  return {
    post: async (path, body, signal) => {
      const response = await open(path, JSON.stringify(body), signal)
      const bytes = bytesOf(response)
      if (response.statusCode === 200) return bytes
      const text = await readText(bytes, ERROR_BYTES)
      throw toHttpError(response.statusCode ?? 0, response.headers, text, base.origin)
    },
    close: () => agent.destroy(),
  }
}

/** The beginning of a text, at least as long as it is wanted. */
export async function readText(chunks: AsyncIterable<Buffer>, maxBytes = Infinity): Promise<string> {
  const read: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    read.push(chunk)
    bytes += chunk.length
    if (bytes >= maxBytes) break
  }
  return Buffer.concat(read).toString('utf8')
}

/** Before there is a connection nothing can have been worked on. */
function toConnectionError(error: Error, origin: string, connected: boolean): LlmUnavailable {
  const { code } = error as NodeJS.ErrnoException
  // Where several addresses were tried the message is empty.
  const why = error.message || code || error.name
  return new LlmUnavailable(`Ollama at ${origin}: ${why}`, { cause: error, spent: connected ? 'unknown' : 'nothing' })
}
