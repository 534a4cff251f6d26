import { S3Refusal } from './s3-refusal.ts'
import {
  checksumHeaders,
  getObject as findStored,
  type FakeObject,
  type S3Request,
  type S3Response,
} from './s3-state.ts'

/** GetObject, with `Range` (RFC 9110 §14.2), `If-Match` and `If-None-Match`. */
export function getObject(request: S3Request): S3Response {
  const object = findStored(request)
  checkConditions(request, object)
  const range = findRange(request.headers.get('range'), object.bytes.length)
  const headers = headersOf(request, object)
  if (!range) return { status: 200, headers, body: object.bytes }
  const contentRange = `bytes ${range.start}-${range.end}/${object.bytes.length}`
  // The stored checksum is that of the whole object, so S3 sends it with the whole object only.
  const partial = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-checksum-')))
  return {
    status: 206,
    headers: { ...partial, 'content-range': contentRange },
    body: object.bytes.subarray(range.start, range.end + 1),
  }
}

function headersOf({ headers, query }: S3Request, object: FakeObject): Record<string, string> {
  const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])
  const disposition = query.get('response-content-disposition')
  const mode = headers.get('x-amz-checksum-mode')
  if (mode !== undefined && mode !== 'ENABLED')
    throw new S3Refusal('InvalidArgument', 'The checksum mode is not ENABLED')
  return {
    'content-type': query.get('response-content-type') ?? object.contentType,
    etag: object.etag,
    'last-modified': object.modifiedAt.toUTCString(),
    'accept-ranges': 'bytes',
    ...Object.fromEntries(metadata),
    ...(disposition !== undefined && { 'content-disposition': disposition }),
    ...(mode && checksumHeaders(object.checksum)),
  }
}

function checkConditions({ headers }: S3Request, { etag }: FakeObject): void {
  const [ifMatch, ifNoneMatch] = [headers.get('if-match'), headers.get('if-none-match')]
  if (ifMatch !== undefined && ifMatch !== etag && ifMatch !== '*') {
    throw new S3Refusal('PreconditionFailed', 'The object has another ETag')
  }
  if (ifNoneMatch === etag || ifNoneMatch === '*') throw new S3Refusal('NotModified', 'Not Modified')
}

function findRange(header: string | undefined, sizeBytes: number): { start: number; end: number } | undefined {
  if (header === undefined) return undefined
  if (header.includes(',')) throw new S3Refusal('NotImplemented', `More than one range: ${header}`)
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? []
  // A header that is no range is as if it were not there.
  if ((first === '' && last === '') || (first !== '' && last !== '' && Number(last) < Number(first))) return undefined
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first)
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  if (start > end) throw new S3Refusal('InvalidRange', 'The requested range is not satisfiable')
  return { start, end }
}
