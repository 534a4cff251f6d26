import { createHash } from 'node:crypto'
import type { Checksum, ChecksumName } from './checksums.ts'
import { S3Refusal } from './s3-refusal.ts'

export interface FakeChecksum extends Checksum {
  type: 'FULL_OBJECT' | 'COMPOSITE'
}

/** What an object has besides its bytes; given when it is put, or when its multipart upload begins. */
interface Description {
  contentType: string
  metadata: Record<string, string>
}

export interface FakeObject extends Description {
  bytes: Buffer
  /** With quotes. */
  etag: string
  modifiedAt: Date
  checksum?: FakeChecksum
}

export interface FakePart {
  bytes: Buffer
  etag: string
  checksum?: Checksum
}

export interface FakeUpload extends Description {
  key: string
  checksumName?: ChecksumName
  parts: Map<number, FakePart>
}

export interface FakeBucket {
  objects: Map<string, FakeObject>
  uploads: Map<string, FakeUpload>
  /** Keys of objects that nobody may delete. */
  locked: Set<string>
}

export interface S3Request {
  bucket: FakeBucket
  /** Every bucket by name, for copies. */
  buckets: ReadonlyMap<string, FakeBucket>
  bucketName: string
  /** Empty for a request on the bucket. */
  key: string
  query: ReadonlyMap<string, string>
  /** Lower-case names; with the x-amz- parameters of a presigned URL and the trailers of the body. */
  headers: ReadonlyMap<string, string>
  /** Without the framing of aws-chunked. */
  bytes: Buffer
  /** Verified. */
  checksum: Checksum | undefined
  now: Date
}

export interface S3Response {
  status: number
  headers?: Record<string, string>
  body?: Buffer | string
}

export function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}

export function describe(headers: ReadonlyMap<string, string>): Description {
  const metadata = Object.fromEntries(
    [...headers].flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name.slice(11), value]] : [])),
  )
  const sizeBytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (sizeBytes > 2048) throw new S3Refusal('MetadataTooLarge', 'Your metadata headers exceed the maximum size')
  return { contentType: headers.get('content-type') ?? 'binary/octet-stream', metadata }
}

export function getObject({ bucket, key }: S3Request): FakeObject {
  const object = bucket.objects.get(key)
  if (!object) throw new S3Refusal('NoSuchKey', 'The specified key does not exist.')
  return object
}

/** `If-None-Match: *` and `If-Match` of a write, from "Conditional writes" of the S3 user guide. */
export function checkWriteConditions({ bucket, key, headers }: S3Request): void {
  const [ifNoneMatch, ifMatch] = [headers.get('if-none-match'), headers.get('if-match')]
  const object = bucket.objects.get(key)
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Refusal('NotImplemented', 'A write takes no other If-None-Match than *')
  }
  if (ifNoneMatch && object) throw new S3Refusal('PreconditionFailed', 'The object exists')
  if (ifMatch === undefined) return
  if (!object) throw new S3Refusal('NoSuchKey', 'The specified key does not exist.')
  if (ifMatch !== object.etag) throw new S3Refusal('PreconditionFailed', 'The object has another ETag')
}

export function checksumHeaders(checksum: Checksum | FakeChecksum | undefined): Record<string, string> {
  if (!checksum) return {}
  const type = 'type' in checksum && { 'x-amz-checksum-type': checksum.type }
  return { [`x-amz-checksum-${checksum.name}`]: checksum.value, ...type }
}
