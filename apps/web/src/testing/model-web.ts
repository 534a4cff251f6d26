import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApiToken } from '@dayshift/domain/accounts'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createTestModels, testListing, type Step, type TestModels } from './model-parts.ts'
import { startTestWeb, type TestWeb } from './web.ts'

export interface ModelWeb {
  web: TestWeb
  /** Such as `http://127.0.0.1:40001`. */
  address: string
  /** Of an API token that may write. */
  headers: { authorization: string }
  token: string
  /** What is behind the API in this test. */
  models: TestModels
  /** Lets the model answer so from now on. */
  answers(...script: Step[]): void
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RawAnswer>
}

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  trailers: NodeJS.Dict<string>
  body: string
}

/** A listening web service with scripted models for the whole test file. */
export function useModelWeb(): () => ModelWeb {
  let current: ModelWeb | undefined
  beforeAll(async () => {
    const web = await startTestWeb({ models: testListing })
    const address = await web.server.listen({ port: 0, host: '127.0.0.1' })
    const { token } = await createApiToken(web.context, web.account.id, { name: 'models', scope: 'write' })
    const headers = { authorization: `Bearer ${token}` }
    current = {
      web,
      address,
      token,
      headers,
      models: createTestModels(),
      answers(...script) {
        this.models = createTestModels(...script)
        web.context.llm = this.models.llm
      },
      send: (method, path, body, more = {}) => send(method, `${address}${path}`, body, { ...headers, ...more }),
    }
  })
  beforeEach(() => current?.answers({ parts: ['An answer.'] }))
  afterAll(() => current?.web.close())
  return () => {
    if (!current) throw new Error('The web is there only inside tests and hooks.')
    return current
  }
}

/** One request on a connection of its own. A text or bytes are sent as they are, anything else as JSON. */
export function send(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          trailers: answer.trailers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))
  })
}

export async function until(holds: () => boolean, timeoutMs = 5000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !holds(); await sleep(5)) {
    if (Date.now() > end) throw new Error(`It did not happen in ${timeoutMs} ms: ${holds.toString()}`)
  }
}

/** Which of Ollama's durations are not whole nanoseconds above 0. */
export function wrongTimes(end: object): string[] {
  const names = ['total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration']
  const values = new Map<string, unknown>(Object.entries(end))
  return names.filter((name) => !(Number.isInteger(values.get(name)) && Number(values.get(name)) > 0))
}
