import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json as readJson } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { HTTP_FAULTS, STREAM_FAULTS } from './faults.ts'
import type { Fault, HttpFault, StreamFault } from './faults.ts'
import { converseAnswer, embeddingOf, FAKE_USAGE, streamFrames } from './fake-answers.ts'
import type { FakeAnswer } from './fake-answers.ts'
import { errorFrame, exceptionFrame } from './event-stream.ts'
import { parseConverse, parseCountTokens, parseTitan, Refusal } from './request-bodies.ts'

export interface FakeRequest {
  modelId: string
  operation: string
  body: unknown
  /** The client hung up before the answer was complete. */
  cancelled: boolean
}

export interface FakeBedrock {
  /** For the `endpoint` of the AWS SDK. */
  url: string
  /** Every request so far, refused and failed ones too. */
  requests: FakeRequest[]
  /** Answers for the next conversations, in order; afterwards a plain one. */
  answer(...answers: FakeAnswer[]): void
  /** Faults for the next requests, in order; a fault uses up no answer. */
  fail(...faults: Fault[]): void
  close(): Promise<void>
}

/**
 * Amazon Bedrock's runtime over HTTP/1.1 as far as this package uses it: it checks bodies as strictly as AWS, speaks the real
 * event-stream framing, and fails on demand. It wants a SigV4 or bearer `authorization` header and does not verify it.
 */
export async function startFakeBedrock(): Promise<FakeBedrock> {
  const requests: FakeRequest[] = []
  const answers: FakeAnswer[] = []
  const faults: Fault[] = []

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id, operation] = /^\/model\/([^/]+)\/([a-z-]+)$/.exec(request.url ?? '') ?? []
    const record: FakeRequest = {
      modelId: decodeURIComponent(id ?? ''),
      operation: operation ?? '',
      body: await readJson(request),
      cancelled: false,
    }
    requests.push(record)
    response.on('close', () => (record.cancelled = !response.writableFinished))
    const streams = record.operation === 'converse-stream'
    const fault = STREAM_FAULTS.has(faults[0] ?? '') && !streams ? undefined : faults.shift()
    if (fault && HTTP_FAULTS[fault]) return sendError(response, HTTP_FAULTS[fault])
    if (fault === 'hang') return
    if (fault === 'reset') return void request.socket.destroy()
    if (fault === 'not-json') return void response.setHeader('content-type', 'text/html').end('<html>gateway</html>')
    checkAuthorization(request)
    await respond(record, response, fault as StreamFault | undefined)
  }

  async function respond(record: FakeRequest, response: ServerResponse, fault: StreamFault | undefined): Promise<void> {
    switch (record.operation) {
      case 'converse':
        parseConverse(record.modelId, record.body)
        return sendJson(response, converseAnswer(answers.shift() ?? {}))
      case 'converse-stream':
        parseConverse(record.modelId, record.body)
        return sendFrames(response, fault ? {} : (answers.shift() ?? {}), fault)
      case 'invoke': {
        const body = parseTitan(record.modelId, record.body)
        const inputTextTokenCount = Math.ceil(body.inputText.length / 4)
        response.setHeader('x-amzn-bedrock-input-token-count', inputTextTokenCount)
        return sendJson(response, { embedding: embeddingOf(body), inputTextTokenCount })
      }
      case 'count-tokens':
        parseCountTokens(record.modelId, record.body)
        return sendJson(response, { inputTokens: FAKE_USAGE.inputTokens })
      default:
        throw new Refusal(404, 'UnknownOperationException', `There is no operation ${record.operation}.`)
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalServerException', String(error))
      sendError(response, refusal)
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

function checkAuthorization({ headers }: IncomingMessage): void {
  const signed = /^AWS4-HMAC-SHA256 Credential=[^ ]+\/bedrock\/aws4_request, ?SignedHeaders=/.test(
    headers.authorization ?? '',
  )
  if (!signed && !headers.authorization?.startsWith('Bearer ')) {
    throw new Refusal(403, 'AccessDeniedException', 'Missing Authentication Token')
  }
}

function sendJson(response: ServerResponse, json: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(json))
}

function sendError(response: ServerResponse, { status, type, message, headers = {} }: HttpFault): void {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'x-amzn-errortype': `${type}:http://internal.amazon.com/`,
      ...headers,
    })
    .end(JSON.stringify({ message }))
}

/** Faults strike after two pieces of text, or where their name says. */
async function sendFrames(response: ServerResponse, answer: FakeAnswer, fault: StreamFault | undefined): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
  const frames = streamFrames(answer)
  const early = fault === 'exception-before-text' || fault === 'cut-before-text'
  const whole = fault === undefined ? frames : frames.slice(0, early ? 1 : 3)
  for (const frame of whole) {
    // Two writes, because a frame may arrive in any pieces.
    response.write(frame.subarray(0, 7))
    response.write(frame.subarray(7))
    await sleep(answer.frameDelayMs ?? 0)
    if (response.destroyed) return
  }
  switch (fault) {
    case 'stream-exception':
    case 'exception-before-text': {
      const message = 'The model produced no further output.'
      response.end(exceptionFrame('modelStreamErrorException', { message, originalStatusCode: 500 }))
      return
    }
    case 'stream-error-frame':
      response.end(errorFrame('InternalFailure', 'The stream broke.'))
      return
    case 'cut-stream':
    case 'cut-before-text':
      response.write(frames[3]!.subarray(0, 20))
      await sleep(20)
      response.socket?.destroy()
      return
    case 'stall':
      return
    case 'no-message-stop':
    case undefined:
      response.end()
  }
}
