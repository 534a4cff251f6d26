import { listObjects } from './s3-list.ts'
import { abortUpload, completeUpload, createUpload, listParts, uploadPart } from './s3-multipart.ts'
import { getObject } from './s3-read.ts'
import { S3Refusal } from './s3-refusal.ts'
import type { S3Request, S3Response } from './s3-state.ts'
import { copyObject, deleteObject, deleteObjects, putObject } from './s3-write.ts'

interface Operation {
  name: string
  method: string
  on: 'bucket' | 'object'
  /** Parameters and headers without which the request is another operation. */
  markers: string[]
  query: string[]
  headers: string[]
  run: (request: S3Request) => S3Response
}

const DESCRIPTION = ['content-type', 'x-amz-meta-*']
const CHECKSUM = ['content-md5', 'x-amz-checksum-*', 'x-amz-sdk-checksum-algorithm', 'x-amz-trailer']
const CHUNKED = ['content-encoding', 'x-amz-decoded-content-length', 'transfer-encoding']
const CONDITIONS = ['if-match', 'if-none-match']
const OVERRIDES = ['response-content-disposition', 'response-content-type']
const LISTING = ['prefix', 'delimiter', 'start-after', 'continuation-token', 'encoding-type', 'max-keys']
const READ = ['range', 'x-amz-checksum-mode', ...CONDITIONS]
const WRITE = [...DESCRIPTION, ...CHECKSUM, ...CHUNKED, ...CONDITIONS]
const MULTIPART = ['x-amz-checksum-algorithm', 'x-amz-checksum-type']
const ok = (): S3Response => ({ status: 200 })

/** The first that fits is taken. */
const OPERATIONS: Operation[] = [
  operation('ListObjectsV2', 'GET', 'bucket', ['list-type'], LISTING, [], listObjects),
  operation('HeadBucket', 'HEAD', 'bucket', [], [], [], ok),
  operation(
    'DeleteObjects',
    'POST',
    'bucket',
    ['delete'],
    [],
    ['content-type', ...CHECKSUM, ...CHUNKED],
    deleteObjects,
  ),
  operation('ListParts', 'GET', 'object', ['uploadId'], [], [], listParts),
  operation('GetObject', 'GET', 'object', [], OVERRIDES, READ, getObject),
  operation('HeadObject', 'HEAD', 'object', [], OVERRIDES, READ, getObject),
  operation(
    'UploadPart',
    'PUT',
    'object',
    ['partNumber', 'uploadId'],
    [],
    ['content-type', ...CHECKSUM, ...CHUNKED],
    uploadPart,
  ),
  operation('CopyObject', 'PUT', 'object', ['x-amz-copy-source'], [], ['content-type'], copyObject),
  operation('PutObject', 'PUT', 'object', [], [], WRITE, putObject),
  operation('CreateMultipartUpload', 'POST', 'object', ['uploads'], [], [...DESCRIPTION, ...MULTIPART], createUpload),
  operation(
    'CompleteMultipartUpload',
    'POST',
    'object',
    ['uploadId'],
    [],
    ['content-type', ...CONDITIONS],
    completeUpload,
  ),
  operation('AbortMultipartUpload', 'DELETE', 'object', ['uploadId'], [], ['content-type'], abortUpload),
  operation('DeleteObject', 'DELETE', 'object', [], [], ['content-type'], deleteObject),
]

/** Says who asks, how, and for what answer; none of it changes what is done. */
const HARMLESS = new Set(
  [
    'host',
    'connection',
    'content-length',
    'authorization',
    'expect',
    'user-agent',
    'origin',
    'cache-control',
    'pragma',
  ].concat(
    [
      'accept',
      'accept-encoding',
      'accept-language',
      'sec-fetch-mode',
      'date',
      'amz-sdk-invocation-id',
      'amz-sdk-request',
    ],
    ['x-amz-date', 'x-amz-content-sha256', 'x-amz-user-agent'],
  ),
)
const SIGNATURE = /^X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Content-Sha256)$/

function operation(
  name: string,
  method: string,
  on: Operation['on'],
  markers: string[],
  query: string[],
  headers: string[],
  run: Operation['run'],
): Operation {
  return { name, method, on, markers, query, headers, run }
}

/** Carries a request out, or refuses it with NotImplemented when there is anything in it that would be ignored. */
export function perform(method: string, request: S3Request): S3Response {
  const on = request.key === '' ? 'bucket' : 'object'
  const has = (marker: string) => request.query.has(marker) || request.headers.has(marker)
  const found = OPERATIONS.find((one) => one.method === method && one.on === on && one.markers.every(has))
  if (!found) throw new S3Refusal('NotImplemented', `${method} on a ${on} with ${[...request.query.keys()].join(', ')}`)
  const { name, markers, query, headers, run } = found
  const strange = [...request.query.keys()].filter(
    (parameter) =>
      ![...markers, ...query, 'x-id'].includes(parameter) && !SIGNATURE.test(parameter) && !isHeader(parameter),
  )
  const unknown = [...request.headers.keys()].filter(
    (header) => !HARMLESS.has(header) && !allows([...markers, ...headers], header),
  )
  if (strange.length + unknown.length > 0) {
    throw new S3Refusal('NotImplemented', `${name} does not know ${[...strange, ...unknown].join(', ')}`)
  }
  const id = request.query.get('x-id')
  if (id !== undefined && id !== name) throw new S3Refusal('NotImplemented', `This is ${name}, but x-id says ${id}`)
  return run(request)
}

/** Parameters of a presigned URL that count as headers; they are checked as such. */
export function isHeader(parameter: string): boolean {
  return /^x-amz-/i.test(parameter) && !SIGNATURE.test(parameter)
}

function allows(patterns: string[], header: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? header.startsWith(pattern.slice(0, -1)) : header === pattern,
  )
}
