import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { chatChunks, embedAnswer, wholeChat } from './fake-ollama-answers.ts'
import type { FakeOllamaAnswer } from './fake-ollama-answers.ts'
import { findFakeModel, OllamaRefusal, parseChat, parseEmbed } from './fake-ollama-bodies.ts'
import type { FakeChat } from './fake-ollama-bodies.ts'

/** What can go wrong, by name. */
export type OllamaFault =
  /** 503: the queue is full. */
  | 'busy'
  /** 429 of a proxy, to be tried again after two seconds. */
  | 'too-many'
  /** 500 in place of the answer. */
  | 'error'
  /** 401 of a proxy. */
  | 'unauthorized'
  /** 404 that is not Ollama's. */
  | 'other-server'
  /** 200 with a page of HTML. */
  | 'not-json'
  /** The connection breaks before the answer. */
  | 'reset'
  /** No byte ever comes. */
  | 'hang'
  /** The head of the answer comes after 400 ms. */
  | 'slow-headers'
  /** An older server: it cuts what is too long although it is told not to. */
  | 'truncates'
  | StreamFault

type StreamFault =
  /** A line with an error after two pieces. */
  | 'error-line'
  /** The connection breaks after two pieces. */
  | 'cut'
  /** The stream ends well after two pieces, without the last line. */
  | 'no-done'
  /** The same in the middle of a line. */
  | 'half-line'
  /** A line after two pieces is no JSON. */
  | 'broken-line'
  /** Nothing comes after two pieces. */
  | 'stall'

const STREAM_FAULTS: ReadonlySet<string> = new Set<StreamFault>([
  'error-line',
  'cut',
  'no-done',
  'half-line',
  'broken-line',
  'stall',
])
const REFUSALS: Partial<Record<OllamaFault, OllamaRefusal>> = {
  busy: new OllamaRefusal(503, 'server busy, please try again.  maximum pending requests exceeded'),
  'too-many': new OllamaRefusal(429, 'too many requests', { 'retry-after': '2' }),
  error: new OllamaRefusal(500, 'llama runner process has terminated: exit status 2'),
  unauthorized: new OllamaRefusal(401, 'unauthorized'),
}
const HEADERS_DELAY_MS = 400
const PIECES_BEFORE_FAULT = 2
/** Odd, so that lines and characters come in two. */
const BYTES_PER_WRITE = 37

interface FakeOllamaRequest {
  path: string
  headers: IncomingMessage['headers']
  body: unknown
  /** The client hung up before the answer was complete. */
  cancelled: boolean
}

export interface FakeOllama {
  url: string
  /** Every request so far, refused and failed ones too. */
  requests: FakeOllamaRequest[]
  /** Answers for the next conversations, in order; afterwards a plain one. */
  answer(...answers: FakeOllamaAnswer[]): void
  /** Faults for the next conversations and embeddings, in order; a fault that spoils the answer uses none up. */
  fail(...faults: OllamaFault[]): void
  close(): Promise<void>
}

/** Ollama's HTTP API as far as this package uses it: it refuses what it does not know, and fails on demand. */
export async function startFakeOllama(): Promise<FakeOllama> {
  const requests: FakeOllamaRequest[] = []
  const answers: FakeOllamaAnswer[] = []
  const faults: OllamaFault[] = []

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parseJson(await readText(request))
    const path = request.url ?? ''
    const record: FakeOllamaRequest = { path, headers: request.headers, body, cancelled: false }
    requests.push(record)
    response.on('close', () => (record.cancelled = !response.writableFinished))
    if (request.method !== 'POST') throw new OllamaRefusal(405, 'method not allowed')
    if (path === '/api/show') return sendJson(response, 200, showAnswer(body))
    const fault = faults.shift()
    if (fault && REFUSALS[fault]) throw REFUSALS[fault]
    if (fault === 'hang') return
    if (fault === 'reset') return void request.socket.destroy()
    if (fault === 'other-server') return void response.writeHead(404).end('404 page not found')
    if (fault === 'not-json') return void response.setHeader('content-type', 'text/html').end('<html>gateway</html>')
    if (fault === 'slow-headers') await sleep(HEADERS_DELAY_MS)
    if (path === '/api/embed') return sendJson(response, 200, embedAnswer(parseEmbed(body)))
    if (path !== '/api/chat') throw new OllamaRefusal(404, `there is no ${path}`)
    const chat = parseChat(body)
    const broken = STREAM_FAULTS.has(fault ?? '')
    await sendChat(response, chat, broken ? {} : (answers.shift() ?? {}), fault)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const { status, message, headers } =
        error instanceof OllamaRefusal ? error : new OllamaRefusal(500, String(error))
      sendJson(response, status, { error: message }, headers)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (...more) => void answers.push(...more),
    fail: (...more) => void faults.push(...more),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function sendChat(
  response: ServerResponse,
  chat: FakeChat,
  answer: FakeOllamaAnswer,
  fault: OllamaFault | undefined,
): Promise<void> {
  const chunks = chatChunks(chat, answer, fault === 'truncates')
  if (!chat.stream) return sendJson(response, 200, wholeChat(chunks))
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const lines = chunks.map((chunk) => `${JSON.stringify(chunk)}\n`)
  const broken = STREAM_FAULTS.has(fault ?? '')
  for (const line of broken ? lines.slice(0, PIECES_BEFORE_FAULT) : lines) {
    const bytes = Buffer.from(line)
    for (let at = 0; at < bytes.length; at += BYTES_PER_WRITE) {
      response.write(bytes.subarray(at, at + BYTES_PER_WRITE))
      await sleep(0)
    }
    if (answer.pieceDelayMs !== undefined) await sleep(answer.pieceDelayMs)
    if (response.destroyed) return
  }
  switch (fault) {
    case 'stall':
      return
    case 'cut':
      await sleep(20)
      response.socket?.destroy()
      return
    case 'error-line':
      response.end('{"error":"an error was encountered while running the model: CUDA error"}\n')
      return
    case 'half-line':
      response.end(lines[PIECES_BEFORE_FAULT]!.slice(0, 30))
      return
    case 'broken-line':
      response.write('{"model":\n')
      response.end(lines.slice(PIECES_BEFORE_FAULT).join(''))
      return
    default:
      response.end()
  }
}

function showAnswer(body: unknown): object {
  const { model } = body as { model?: unknown }
  if (typeof model !== 'string') throw new OllamaRefusal(400, 'model is required')
  const { capabilities, contextTokens } = findFakeModel(model)
  return {
    details: { format: 'gguf', family: 'fake' },
    model_info: { 'general.architecture': 'fake', 'fake.context_length': contextTokens },
    capabilities,
  }
}

function sendJson(response: ServerResponse, status: number, json: object, headers: Record<string, string> = {}): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(json))
}

function parseJson(text: string): unknown {
  if (text === '') throw new OllamaRefusal(400, 'missing request body')
  try {
    return JSON.parse(text)
  } catch {
    throw new OllamaRefusal(400, 'invalid character in the request body')
  }
}
