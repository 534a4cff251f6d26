import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json as readJson } from 'node:stream/consumers'
import type { ConverseBody } from './converse-bodies.ts'
import { embeddingAnswer, parseEmbedding } from './embedding-bodies.ts'
import { converseAnswer, FAKE_USAGE, streamFrames, usageOf } from './fake-answers.ts'
import type { FakeAnswer, FakeUsage } from './fake-answers.ts'
import { isControl, runControl } from './fake-control.ts'
import { sendFrames } from './fake-stream.ts'
import { drawFaults, findHttpFault, needsStream } from './faults.ts'
import type { Fault, HttpFault, RandomFaults } from './faults.ts'
import { billOf, toRecord } from './invocations.ts'
import type { FakePrice, InvocationRecord } from './invocations.ts'
import { liveModel, parseConverse, parseCountTokens, parseMetadataHeader, Refusal } from './request-bodies.ts'
import { tokenBucket } from './token-bucket.ts'

export interface FakeBedrockOptions {
  /** Said when no other answer waits. */
  defaultAnswer?: FakeAnswer
  /** For many streams: frames go out at once and undivided, and neither requests nor the log are kept. */
  fast?: boolean
  /** More than this, input and `maxTokens` together, is throttled. */
  tokensPerMinute?: number
}

export interface FakeRequest {
  modelId: string
  operation: string
  body: unknown
  requestMetadata: Record<string, string> | undefined
  /** The client hung up before the answer was complete. */
  cancelled: boolean
}

export interface FakeBedrock {
  /** For the `endpoint` of the AWS SDK; other processes may also control it there, see `fake-control.ts`. */
  url: string
  /** Every request so far, refused and failed ones too. */
  requests: FakeRequest[]
  /** One record for every request that was worked on, whole or in part, as AWS keeps them. */
  invocationLog: InvocationRecord[]
  /** Answers for the next conversations, in order; afterwards the default one. */
  answer(...answers: FakeAnswer[]): void
  /** Faults for the next requests, in order; a fault uses up no answer. */
  fail(...faults: Fault[]): void
  /** Faults for a part of the requests, besides those in order; undefined ends it. */
  failRandomly(faults: RandomFaults | undefined): void
  /** What all that was worked on costs, in US dollars, by the prices that are given for the model ids as sent. */
  billUsd(prices: Record<string, FakePrice>): number
  close(): Promise<void>
}

interface Exchange {
  record: FakeRequest
  request: IncomingMessage
  response: ServerResponse
  fault: Fault | undefined
  /** Enters what was worked on into the log. */
  bill(usage: FakeUsage): void
}

const LOOKUP = { toolUseId: 't1', name: 'lookup', input: { domain: 'evil.com' } }
const HALF_JSON = '{"domain":"evil'
const HTML = '<html><body>502 Bad Gateway</body></html>'

/**
 * Amazon Bedrock's runtime over HTTP/1.1 as far as this package uses it: it checks bodies as strictly as AWS, speaks the real
 * event-stream framing, fails on demand, and keeps its own bill. It wants a SigV4 or bearer `authorization` header and does not
 * verify it.
 */
export async function startFakeBedrock(options: FakeBedrockOptions = {}): Promise<FakeBedrock> {
  const { defaultAnswer = {}, fast = false } = options
  const requests: FakeRequest[] = []
  const invocationLog: InvocationRecord[] = []
  const answers: FakeAnswer[] = []
  const faults: Fault[] = []
  let draw: ReturnType<typeof drawFaults> | undefined
  const quota = tokenBucket(options.tokensPerMinute)

  function nextFault(streams: boolean): Fault | undefined {
    if (faults[0] === undefined) return draw?.(streams)
    return needsStream(faults[0]) && !streams ? undefined : faults.shift()
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isControl(request)) return runControl(fake, request, response)
    const [, id, operation = ''] = /^\/model\/([^/]+)\/([a-z-]+)$/.exec(request.url ?? '') ?? []
    const body = (await readJson(request)) as Pick<ConverseBody, 'requestMetadata'>
    const modelId = decodeURIComponent(id ?? '')
    const record: FakeRequest = { modelId, operation, body, requestMetadata: body.requestMetadata, cancelled: false }
    const requestId = randomUUID()
    if (!fast) requests.push(record)
    response.on('close', () => (record.cancelled = !response.writableFinished))
    response.setHeader('x-amzn-requestid', requestId)
    const fault = nextFault(operation === 'converse-stream')
    const httpFault = fault && findHttpFault(fault)
    if (httpFault) return sendError(response, httpFault)
    checkAuthorization(request)
    const bill = (usage: FakeUsage) => void (fast || invocationLog.push(toRecord({ ...record, usage, requestId })))
    await respond({ record, request, response, fault, bill })
  }

  async function respond(exchange: Exchange): Promise<void> {
    const { record, request, response } = exchange
    switch (record.operation) {
      case 'converse':
      case 'converse-stream':
        return converse(exchange)
      case 'invoke': {
        record.requestMetadata = parseMetadataHeader(request.headers['x-amzn-bedrock-request-metadata'])
        liveModel(record.modelId)
        const { json, headers, inputTokens } = embeddingAnswer(parseEmbedding(record.modelId, record.body))
        const usage = { inputTokens, outputTokens: 0, totalTokens: inputTokens }
        if (spoil(exchange, usage)) return
        exchange.bill(usage)
        return sendJson(response, json, headers)
      }
      case 'count-tokens':
        parseCountTokens(record.modelId, record.body)
        return sendJson(response, { inputTokens: FAKE_USAGE.inputTokens })
      default:
        throw new Refusal(404, 'UnknownOperationException', `There is no operation ${record.operation}.`)
    }
  }

  async function converse(exchange: Exchange): Promise<void> {
    const { record, response, fault, bill } = exchange
    const streams = record.operation === 'converse-stream'
    const body = parseConverse(record.modelId, record.body, streams)
    const answer = answerFor(fault)
    const usage = usageOf(answer, charactersOf(body))
    const reserved = usage.inputTokens + body.inferenceConfig.maxTokens
    if (!quota.take(reserved)) {
      throw new Refusal(429, 'ThrottlingException', 'Too many tokens, please wait before trying again.')
    }
    response.on('close', () => quota.giveBack(reserved - usage.totalTokens))
    if (spoil(exchange, usage)) return
    if (!streams) {
      bill(usage)
      return sendJson(response, converseAnswer(answer, usage))
    }
    const frames = framesOf(answer, usage, fault)
    const sent = await sendFrames(response, { frames, fault, frameDelayMs: answer.frameDelayMs ?? 0, fast })
    bill(soFar(usage, sent, frames.length))
  }

  function answerFor(fault: Fault | undefined): FakeAnswer {
    if (fault === undefined || fault === 'slow-chunks') return answers.shift() ?? defaultAnswer
    return fault === 'broken-tool-input' ? { ...defaultAnswer, toolUse: LOOKUP } : defaultAnswer
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalServerException', String(error))
      sendError(response, refusal)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const fake: FakeBedrock = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    invocationLog,
    answer: (...more) => void answers.push(...more),
    fail: (...more) => void faults.push(...more),
    failRandomly: (random) => void (draw = random && drawFaults(random)),
    billUsd: (prices) => billOf(invocationLog, prices),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return fake
}

/** Answers that were worked on, at least in part, and lost or spoilt on their way. */
function spoil({ fault, request, response, record, bill }: Exchange, usage: FakeUsage): boolean {
  switch (fault) {
    case 'hang':
      bill({ ...usage, outputTokens: 0 })
      return true
    case 'reset':
      request.socket.destroy()
      break
    case 'wrong-content-type':
      response.setHeader('content-type', 'text/html').end(HTML)
      break
    case 'not-json': {
      const stream = record.operation === 'converse-stream'
      response.setHeader('content-type', stream ? 'application/vnd.amazon.eventstream' : 'application/json').end(HTML)
      break
    }
    default:
      return false
  }
  bill(usage)
  return true
}

/** The same answer gives the same frames, unless its usage is its request's. */
const made = new WeakMap<FakeAnswer, Buffer[]>()

function framesOf(answer: FakeAnswer, usage: FakeUsage, fault: Fault | undefined): Buffer[] {
  const known = made.get(answer)
  if (known) return known
  const frames = streamFrames(answer, usage, fault === 'broken-tool-input' ? HALF_JSON : undefined)
  if (answer.usage !== 'by-length' && fault !== 'broken-tool-input') made.set(answer, frames)
  return frames
}

/** The model stops where its reader left; the first frame says nothing yet. */
function soFar(usage: FakeUsage, sent: number, all: number): FakeUsage {
  if (sent === all) return usage
  return { ...usage, outputTokens: Math.floor((usage.outputTokens * Math.max(0, sent - 1)) / (all - 1)) }
}

const charactersOf = ({ messages, system, toolConfig }: ConverseBody): number =>
  JSON.stringify({ messages, system, toolConfig }).length

function checkAuthorization({ headers }: IncomingMessage): void {
  const signed = /^AWS4-HMAC-SHA256 Credential=[^ ]+\/bedrock\/aws4_request, ?SignedHeaders=/.test(
    headers.authorization ?? '',
  )
  if (!signed && !headers.authorization?.startsWith('Bearer ')) {
    throw new Refusal(403, 'AccessDeniedException', 'Missing Authentication Token')
  }
}

function sendJson(response: ServerResponse, json: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
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
