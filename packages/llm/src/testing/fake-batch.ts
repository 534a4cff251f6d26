import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { BatchObjects } from '../batch.ts'
import { parseCreateJob } from './fake-batch-bodies.ts'
import type { CreateBody } from './fake-batch-bodies.ts'
import { workOn } from './fake-batch-work.ts'
import type { FakeBatchAnswer, FakeBatchWork } from './fake-batch-work.ts'
import { Refusal } from './request-bodies.ts'

/** What can go wrong with a call; `lost-answer` does the work and then cuts the connection. */
export type FakeBatchFault = 'throttle' | 'unavailable' | 'access-denied' | 'lost-answer' | 'hang'

export interface FakeBatchJob {
  arn: string
  token: string | undefined
  body: CreateBody
  status: string
  message?: string
  counts?: {
    totalRecordCount: number
    processedRecordCount: number
    successRecordCount: number
    errorRecordCount: number
  }
  submitTime: Date
}

export interface FakeBatch {
  /** For the `endpoint` of the AWS SDK. */
  url: string
  /** Method and path of every request so far. */
  requests: string[]
  jobs: FakeBatchJob[]
  fail(...faults: FakeBatchFault[]): void
  /** Jobs that wait begin to run. */
  start(): void
  /** Works on every job that waits or runs, to its end. */
  work(work?: FakeBatchWork): Promise<void>
  /** The same request with the same token is a new one from now on; AWS does not say how long it remembers. */
  forgetTokens(): void
  /** As if nothing had been asked yet. */
  forget(): void
  /** US dollars for all that was worked on, by the prices given at the start. */
  billUsd(): number
  close(): Promise<void>
}

export interface FakeBatchOptions {
  /** Keys are those of the one bucket that jobs may name. */
  objects: BatchObjects
  bucket: string
  /** 10⁻⁹ US dollars for one token, in batch. */
  nanoUsdPerToken: { input: number; output: number }
  minRecords?: number
  answer?: (recordId: string, modelInput: Record<string, unknown>) => FakeBatchAnswer
}

/** Model invocation jobs of Amazon Bedrock over HTTP/1.1, as strict as AWS with bodies, with objects where S3 would be. */
export async function startFakeBatch(options: FakeBatchOptions): Promise<FakeBatch> {
  const requests: string[] = []
  const jobs: FakeBatchJob[] = []
  const faults: FakeBatchFault[] = []
  let billedNanoUsd = 0

  function respond(method: string, url: URL, body: unknown): unknown {
    const [, identifier, stop] = /^\/model-invocation-job\/([^/]+)(\/stop)?$/.exec(url.pathname) ?? []
    if (method === 'POST' && url.pathname === '/model-invocation-job') return { jobArn: create(body).arn }
    if (method === 'GET' && url.pathname === '/model-invocation-jobs') {
      const name = url.searchParams.get('nameContains') ?? ''
      return { invocationJobSummaries: jobs.filter((job) => job.body.jobName.includes(name)).map(describe) }
    }
    if (identifier === undefined) throw new Refusal(404, 'UnknownOperationException', `${method} ${url.pathname}`)
    const job = getJob(decodeURIComponent(identifier))
    if (method === 'GET' && !stop) return { ...describe(job), ...job.counts }
    if (method !== 'POST' || !stop) throw new Refusal(405, 'UnknownOperationException', `${method} ${url.pathname}`)
    if (!isOpen(job)) throw new Refusal(400, 'ConflictException', `The job is ${job.status}.`)
    job.status = 'Stopping'
    return {}
  }

  function create(json: unknown): FakeBatchJob {
    const body = parseCreateJob(json)
    const same = jobs.find((job) => job.token !== undefined && job.token === body.clientRequestToken)
    if (same) return same
    const id = `job${String(jobs.length).padStart(9, '0')}`
    const arn = `arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/${id}`
    const token = body.clientRequestToken
    const job: FakeBatchJob = { arn, token, body, status: 'Submitted', submitTime: new Date('2026-11-21T00:00:00Z') }
    jobs.push(job)
    return job
  }

  function getJob(identifier: string): FakeBatchJob {
    if (!/^(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:model-invocation-job\/)?[a-z0-9]{12}$/.test(identifier))
      throw new Refusal(400, 'ValidationException', 'The provided job identifier is invalid.')
    const job = jobs.find(({ arn }) => arn === identifier || arn.endsWith(`/${identifier}`))
    return job ?? notFound(identifier)
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://fake')
    requests.push(`${request.method} ${url.pathname.replace(/[^/]*arn[^/]*/, ':arn')}`)
    const body = await text(request)
    const fault = faults.shift()
    if (fault === 'hang') return
    if (fault === 'throttle') throw new Refusal(429, 'ThrottlingException', 'Too many requests.')
    if (fault === 'unavailable') throw new Refusal(500, 'InternalServerException', 'An internal server error occurred.')
    if (fault === 'access-denied') throw new Refusal(403, 'AccessDeniedException', 'The role may not be passed.')
    if (!request.headers.authorization?.includes('/bedrock/aws4_request'))
      throw new Refusal(403, 'AccessDeniedException', 'Missing Authentication Token')
    const answer = respond(request.method ?? '', url, body === '' ? undefined : JSON.parse(body))
    if (fault === 'lost-answer') return void request.socket.destroy()
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalServerException', String(error))
      response
        .writeHead(refusal.status, { 'content-type': 'application/json', 'x-amzn-errortype': refusal.type })
        .end(JSON.stringify({ message: refusal.message }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    jobs,
    fail: (...more) => void faults.push(...more),
    start: () => jobs.filter(isOpen).forEach((job) => (job.status = 'InProgress')),
    work: async (work = {}) => {
      for (const job of jobs.filter(isOpen)) {
        const { inputTokens, outputTokens } = await workOn(job, work, options)
        billedNanoUsd += inputTokens * options.nanoUsdPerToken.input + outputTokens * options.nanoUsdPerToken.output
      }
    },
    forgetTokens: () => jobs.forEach((job) => (job.token = undefined)),
    forget: () => {
      jobs.length = 0
      requests.length = 0
      billedNanoUsd = 0
    },
    billUsd: () => billedNanoUsd / 1_000_000_000,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const isOpen = ({ status }: FakeBatchJob): boolean => ['Submitted', 'InProgress', 'Stopping'].includes(status)

const describe = ({ arn, body, status, message, submitTime }: FakeBatchJob) => ({
  ...body,
  jobArn: arn,
  status,
  message,
  submitTime,
})

function notFound(identifier: string): never {
  throw new Refusal(404, 'ResourceNotFoundException', `There is no job ${identifier}.`)
}
