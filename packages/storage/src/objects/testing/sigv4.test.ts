import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { startS3Fake } from './s3-fake.ts'

/*
 * The examples of "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk" and of
 * "Authenticating Requests: Using Query Parameters" in the Amazon S3 API reference, sent to the fake as they stand.
 */
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const scope = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'
const now = () => Date.UTC(2013, 4, 24)

interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
}

const authorization = (signedHeaders: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=${signedHeaders},Signature=${signature}`

const signedHeaders = {
  host: 'examplebucket.s3.amazonaws.com',
  'x-amz-content-sha256': EMPTY_SHA256,
  'x-amz-date': '20130524T000000Z',
}

const GET: Sent = {
  method: 'GET',
  path: '/test.txt',
  headers: {
    ...signedHeaders,
    range: 'bytes=0-9',
    authorization: authorization(
      'host;range;x-amz-content-sha256;x-amz-date',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ),
  },
}
const PUT: Sent = {
  method: 'PUT',
  path: '/test%24file.text',
  body: 'Welcome to Amazon S3.',
  headers: {
    ...signedHeaders,
    date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    authorization: authorization(
      'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ),
  },
}
const LIST: Sent = {
  method: 'GET',
  path: '/?max-keys=2&prefix=J',
  headers: {
    ...signedHeaders,
    authorization: authorization(
      'host;x-amz-content-sha256;x-amz-date',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ),
  },
}
const LIFECYCLE: Sent = {
  ...LIST,
  path: '/?lifecycle',
  headers: {
    ...signedHeaders,
    authorization: authorization(
      'host;x-amz-content-sha256;x-amz-date',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ),
  },
}
const PRESIGNED: Sent = {
  method: 'GET',
  path:
    `/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope)}` +
    '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
    '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  headers: { host: 'examplebucket.s3.amazonaws.com' },
}

/** The status and error code with which the fake answers at a time. */
async function send({ method, path, headers, body }: Sent, atMs = now()) {
  const fake = await startS3Fake({ buckets: ['examplebucket'], credentials, now: () => atMs })
  try {
    const sent = request(fake.endpoint, { method, path, headers }).end(body)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    return { status: response.statusCode, code: /<Code>(\w+)</.exec(await text(response))?.[1] }
  } finally {
    await fake.close()
  }
}

describe('the published examples of Signature Version 4', () => {
  // Past the signature there is no such object, and operations that the fake does not have.
  test.each([
    ['GET object', GET, { status: 404, code: 'NoSuchKey' }],
    ['PUT object', PUT, { status: 501, code: 'NotImplemented' }],
    ['GET bucket lifecycle', LIFECYCLE, { status: 501, code: 'NotImplemented' }],
    ['GET bucket (list objects)', LIST, { status: 501, code: 'NotImplemented' }],
    ['presigned URL', PRESIGNED, { status: 404, code: 'NoSuchKey' }],
  ])('%s is accepted', async (_, sent, answer) => {
    expect(await send(sent)).toEqual(answer)
  })

  const refused = { status: 403, code: 'SignatureDoesNotMatch' }

  test.each([
    ['the path', { ...GET, path: '/test2.txt' }],
    ['the method', { ...GET, method: 'HEAD' }],
    ['the query', { ...LIST, path: '/?max-keys=3&prefix=J' }],
    ['a signed header', { ...GET, headers: { ...GET.headers, range: 'bytes=0-10' } }],
    ['the hash of the body', { ...PUT, headers: { ...PUT.headers, 'x-amz-content-sha256': EMPTY_SHA256 } }],
    ['the time', { ...GET, headers: { ...GET.headers, 'x-amz-date': '20130524T000001Z' } }],
    ['the key of a presigned URL', { ...PRESIGNED, path: PRESIGNED.path.replace('test', 'best') }],
    ['the life of a presigned URL', { ...PRESIGNED, path: PRESIGNED.path.replace('86400', '86401') }],
    ['the name of a download', { ...PRESIGNED, path: `${PRESIGNED.path}&response-content-type=text%2Fhtml` }],
  ])('%s altered is refused', async (_, sent) => {
    const { status, code } = await send(sent)
    // An answer to HEAD has no body for the code.
    expect({ status, code: code ?? 'SignatureDoesNotMatch' }).toEqual(refused)
  })

  test.each([
    ['another body', { ...PUT, body: 'Welcome to Amazon S4.' }, { status: 400, code: 'XAmzContentSHA256Mismatch' }],
    ['no signature', { ...GET, headers: signedHeaders }, { status: 403, code: 'AccessDenied' }],
    [
      'an unsigned header',
      { ...GET, headers: { ...GET.headers, 'x-amz-acl': 'public' } },
      { status: 403, code: 'AccessDenied' },
    ],
    ['both ways to sign', { ...PRESIGNED, headers: GET.headers }, { status: 400, code: 'InvalidArgument' }],
  ])('%s is refused', async (_, sent, answer) => {
    expect(await send(sent)).toEqual(answer)
  })

  test('a signed request is good for 15 minutes, a presigned URL until it expires', async () => {
    const minute = 60_000
    expect(await send(GET, now() + 15 * minute)).toMatchObject({ code: 'NoSuchKey' })
    expect(await send(GET, now() + 16 * minute)).toEqual({ status: 403, code: 'RequestTimeTooSkewed' })
    expect(await send(GET, now() - 16 * minute)).toEqual({ status: 403, code: 'RequestTimeTooSkewed' })
    expect(await send(PRESIGNED, now() + 86_399_000)).toMatchObject({ code: 'NoSuchKey' })
    expect(await send(PRESIGNED, now() + 86_400_000)).toEqual({ status: 403, code: 'AccessDenied' })
    expect(await send(PRESIGNED, now() - 16 * minute)).toEqual({ status: 403, code: 'AccessDenied' })
  })
})
