import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { decodeAwsChunked } from './aws-chunked.ts'
import { verifyChecksums } from './checksums.ts'
import { isHeader, perform } from './s3-operations.ts'
import { S3Refusal, type S3Code } from './s3-refusal.ts'
import type { FakeBucket, S3Request, S3Response } from './s3-state.ts'
import { authenticate, parseQuery, type Authentication, type Credentials } from './sigv4.ts'
import { toXml } from './xml.ts'

interface S3FakeOptions {
  buckets?: string[]
  credentials?: Credentials
  /** Milliseconds since 1970. */
  now?: () => number
}

export interface S3Fake {
  endpoint: string
  credentials: Credentials
  /** What is stored, open to the test. */
  buckets: ReadonlyMap<string, FakeBucket>
  /** `<method> <url>` of every request, in order. */
  requests: string[]
  /** Answers the next request whose method and URL match with this error, before it is carried out. */
  refuseNext(pattern: RegExp, code: S3Code): void
  close(): Promise<void>
}

/**
 * A strict S3 in this process, in memory: it checks every signature, checksum and condition, and answers
 * NotImplemented to whatever it does not know rather than ignore it.
 */
export async function startS3Fake(options: S3FakeOptions = {}): Promise<S3Fake> {
  const { now = Date.now } = options
  const credentials = options.credentials ?? {
    accessKeyId: 'AKIDFAKE',
    secretAccessKey: 'fake-secret',
    region: 'eu-central-1',
  }
  const buckets = new Map(
    (options.buckets ?? ['bucket']).map((name) => [
      name,
      { objects: new Map(), uploads: new Map(), locked: new Set<string>() },
    ]),
  )
  const requests: string[] = []
  const refusals: { pattern: RegExp; code: S3Code }[] = []

  async function answer(message: IncomingMessage): Promise<S3Response> {
    const { method = '', url = '' } = message
    requests.push(`${method} ${url}`)
    const wire = await buffer(message)
    const headers = readHeaders(message)
    const authentication = authenticate({ method, url, headers }, credentials, now())
    const refusal = refusals.findIndex(({ pattern }) => pattern.test(`${method} ${url}`))
    const [refused] = refusal === -1 ? [] : refusals.splice(refusal, 1)
    if (refused) throw new S3Refusal(refused.code, 'The test wants this')
    return perform(method, readRequest(url, headers, wire, authentication))
  }

  function readRequest(
    url: string,
    wireHeaders: Map<string, string>,
    wire: Buffer,
    authentication: Authentication,
  ): S3Request {
    const query = parseQuery(url)
    const headers = new Map([...[...query].flatMap(([name, value]) => toHeader(name, value)), ...wireHeaders])
    const bytes = readBody(wire, headers, authentication.contentSha256)
    const { bucketName, key } = locate(url, headers.get('host') ?? '', buckets)
    const bucket = buckets.get(bucketName)
    if (!bucket) throw new S3Refusal('NoSuchBucket', `The bucket ${bucketName} does not exist`)
    if (Buffer.byteLength(key) > 1024) throw new S3Refusal('KeyTooLongError', 'Your key is too long')
    const checksum = verifyChecksums(headers, bytes)
    return { bucket, buckets, bucketName, key, query, headers, bytes, checksum, now: new Date(now()) }
  }

  const server = createServer((message, response) => {
    answer(message)
      .catch(toResponse)
      .then((answer) => respond(message, response, answer))
      .catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    credentials,
    buckets,
    requests,
    refuseNext: (pattern, code) => void refusals.push({ pattern, code }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function readHeaders({ rawHeaders }: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = [rawHeaders[index]?.toLowerCase(), rawHeaders[index + 1]]
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before},${value}`)
  }
  return headers
}

function toHeader(name: string, value: string): [string, string][] {
  return isHeader(name) ? [[name.toLowerCase(), value]] : []
}

/** The bytes of the body, against what the signature says of them; their trailers become headers. */
function readBody(wire: Buffer, headers: Map<string, string>, contentSha256: string): Buffer {
  if (contentSha256 === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    const { bytes, trailers } = decodeAwsChunked(wire, headers)
    for (const [name, value] of trailers) headers.set(name, value)
    return bytes
  }
  // Without its framing a body must be announced, or S3 does not take it.
  if (headers.has('transfer-encoding')) throw new S3Refusal('NotImplemented', 'Transfer-Encoding without aws-chunked')
  if (headers.has('x-amz-trailer')) throw new S3Refusal('InvalidRequest', 'x-amz-trailer without a STREAMING body')
  if ((headers.get('content-encoding') ?? '') !== '') throw new S3Refusal('NotImplemented', 'A content-encoding')
  if (contentSha256 === 'UNSIGNED-PAYLOAD') return wire
  if (!/^[0-9a-f]{64}$/.test(contentSha256))
    throw new S3Refusal('NotImplemented', `x-amz-content-sha256: ${contentSha256}`)
  if (createHash('sha256').update(wire).digest('hex') === contentSha256) return wire
  throw new S3Refusal('XAmzContentSHA256Mismatch', 'The x-amz-content-sha256 does not match what was computed')
}

/** `/bucket/key`, or `/key` at the host `bucket.…`. */
function locate(
  url: string,
  host: string,
  buckets: ReadonlyMap<string, FakeBucket>,
): { bucketName: string; key: string } {
  const path = decodeURIComponent((url.split('?')[0] ?? '').slice(1))
  const [label = ''] = host.split('.')
  if (buckets.has(label)) return { bucketName: label, key: path }
  const [bucketName = '', key = ''] = path.split(/\/(.*)/s)
  return { bucketName, key }
}

function toResponse(error: unknown): S3Response {
  const refusal = error instanceof S3Refusal ? error : new S3Refusal('InternalError', String(error))
  const { code: Code, message: Message, status } = refusal
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: toXml('Error', { Code, Message, RequestId: randomUUID() }),
  }
}

function respond(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, headers = {}, body = '' }: S3Response,
): void {
  const bytes = Buffer.from(body)
  const hasBody = status !== 204 && status !== 304
  response.writeHead(status, {
    ...headers,
    'x-amz-request-id': randomUUID(),
    ...(hasBody && { 'content-length': bytes.length }),
  })
  response.end(method === 'HEAD' || !hasBody ? undefined : bytes)
}
