import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { S3Refusal } from './s3-refusal.ts'

/*
 * AWS Signature Version 4 as a server checks it, from "Authenticating Requests (AWS Signature Version 4)" of the S3
 * API reference: the Authorization header and the query parameters of a presigned URL.
 */
const ALGORITHM = 'AWS4-HMAC-SHA256'
const SKEW_MS = 15 * 60 * 1000
const MAX_EXPIRES_S = 604_800

interface SignedRequestParts {
  method: string
  /** As on the wire, with the query. */
  url: string
  /** Lower-case names; several values of one name joined by commas. */
  headers: ReadonlyMap<string, string>
}

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  region: string
}

export interface Authentication {
  isPresigned: boolean
  /** What the signature says of the body: a hash, or one of the names S3 knows. */
  contentSha256: string
}

/** Throws the refusal with which S3 answers a request that is not, or wrongly, signed. */
export function authenticate(request: SignedRequestParts, credentials: Credentials, nowMs: number): Authentication {
  const query = parseQuery(request.url)
  const authorization = request.headers.get('authorization')
  if (query.has('X-Amz-Signature')) {
    if (authorization !== undefined) throw new S3Refusal('InvalidArgument', 'Only one auth mechanism allowed')
    return authenticateQuery(request, query, credentials, nowMs)
  }
  if (authorization === undefined) throw new S3Refusal('AccessDenied', 'The request is not signed')
  return authenticateHeader(request, authorization, credentials, nowMs)
}

function authenticateHeader(request: SignedRequestParts, header: string, credentials: Credentials, nowMs: number) {
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/.exec(
    header,
  )
  if (!match) throw new S3Refusal('AuthorizationHeaderMalformed', `The authorization header is malformed: ${header}`)
  const [, credential = '', signedHeaders = '', signature = ''] = match
  const date = request.headers.get('x-amz-date') ?? ''
  const contentSha256 = request.headers.get('x-amz-content-sha256')
  if (contentSha256 === undefined)
    throw new S3Refusal('InvalidRequest', 'Missing required header: x-amz-content-sha256')
  if (Math.abs(toTime(date) - nowMs) > SKEW_MS)
    throw new S3Refusal('RequestTimeTooSkewed', `The time ${date} is not now`)
  checkScope(credential, date, credentials)
  checkSignature({ request, signedHeaders, date, contentSha256, signature, credentials })
  return { isPresigned: false, contentSha256 }
}

function authenticateQuery(
  request: SignedRequestParts,
  query: Map<string, string>,
  credentials: Credentials,
  nowMs: number,
) {
  const [algorithm, credential, date, expires, signedHeaders, signature] = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-SignedHeaders',
    'X-Amz-Signature',
  ].map((name) => query.get(name) ?? '') as [string, string, string, string, string, string]
  const expiresS = /^\d+$/.test(expires) ? Number(expires) : 0
  if (algorithm !== ALGORITHM || expiresS < 1 || expiresS > MAX_EXPIRES_S || Number.isNaN(toTime(date))) {
    throw new S3Refusal('AuthorizationQueryParametersError', 'Wrong X-Amz-Algorithm, X-Amz-Date or X-Amz-Expires')
  }
  if (toTime(date) - nowMs > SKEW_MS) throw new S3Refusal('AccessDenied', 'Request is not yet valid')
  if (toTime(date) + expiresS * 1000 <= nowMs) throw new S3Refusal('AccessDenied', 'Request has expired')
  checkScope(credential, date, credentials)
  const contentSha256 = query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD'
  checkSignature({ request, signedHeaders, date, contentSha256, signature, credentials })
  return { isPresigned: true, contentSha256 }
}

function checkScope(credential: string, date: string, { accessKeyId, region }: Credentials): void {
  const [id, day, ...scope] = credential.split('/')
  if (id !== accessKeyId) throw new S3Refusal('InvalidAccessKeyId', `The access key ${id} does not exist`)
  if (day !== date.slice(0, 8) || scope.join('/') !== `${region}/s3/aws4_request`) {
    throw new S3Refusal('AuthorizationHeaderMalformed', `The scope ${credential} is not of ${date}, ${region} and s3`)
  }
}

interface Signature {
  request: SignedRequestParts
  signedHeaders: string
  date: string
  contentSha256: string
  signature: string
  credentials: Credentials
}

function checkSignature({ request, signedHeaders, date, contentSha256, signature, credentials }: Signature): void {
  const names = signedHeaders.split(';')
  const unsigned = [...request.headers.keys()].filter((name) => name.startsWith('x-amz-') && !names.includes(name))
  if (!names.includes('host') || unsigned.length > 0) {
    throw new S3Refusal('AccessDenied', `There were headers present which were not signed: ${unsigned.join(', ')}`)
  }
  const canonical = canonicalRequest(request, names, contentSha256)
  const expected = Buffer.from(sign(credentials, date, canonical), 'hex')
  const given = Buffer.from(signature, 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new S3Refusal('SignatureDoesNotMatch', `The signature does not match; the canonical request is\n${canonical}`)
  }
}

function canonicalRequest(
  { method, url, headers }: SignedRequestParts,
  names: string[],
  contentSha256: string,
): string {
  const path = url.split('?')[0] ?? ''
  const query = [...parseQuery(url)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
  const lines = names.map((name) => `${name}:${(headers.get(name) ?? '').trim().replace(/ +/g, ' ')}`)
  const encodedPath = path
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/')
  return [method, encodedPath, query.join('&'), ...lines, '', names.join(';'), contentSha256].join('\n')
}

function sign({ secretAccessKey, region }: Credentials, date: string, canonical: string): string {
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`
  const text = [ALGORITHM, date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`))
  return hmac(key, text).toString('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** Each parameter once, as S3 wants it; a plus is a plus, which no client sends for a space. */
export function parseQuery(url: string): Map<string, string> {
  const query = new Map<string, string>()
  for (const pair of url.split('?')[1]?.split('&') ?? []) {
    if (pair === '') continue
    const [name = '', value = ''] = pair.split(/=(.*)/s).map(decodeURIComponent)
    if (query.has(name)) throw new S3Refusal('InvalidArgument', `The parameter ${name} is there twice`)
    query.set(name, value)
  }
  return query
}

/** All but A-Z a-z 0-9 - . _ ~ as %XX. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function toTime(date: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)
  if (!match) return Number.NaN
  const [, year, month, day, hour, minute, second] = match
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
