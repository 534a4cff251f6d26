import { S3Refusal } from './s3-refusal.ts'
import { checksumHeaders, checkWriteConditions, describe, etagOf } from './s3-state.ts'
import type { FakeObject, S3Request, S3Response } from './s3-state.ts'
import { findText, parseXml, toXml } from './xml.ts'

export function putObject(request: S3Request): S3Response {
  checkWriteConditions(request)
  const { bucket, key, headers, bytes, checksum, now } = request
  const full = checksum && { ...checksum, type: 'FULL_OBJECT' as const }
  const object = {
    ...describe(headers),
    bytes,
    etag: etagOf(bytes),
    modifiedAt: toSeconds(now),
    ...(full && { checksum: full }),
  }
  bucket.objects.set(key, object)
  return { status: 200, headers: { etag: object.etag, ...checksumHeaders(full) } }
}

export function copyObject({ bucket, buckets, bucketName, key, headers, now }: S3Request): S3Response {
  const source = decodeURIComponent(headers.get('x-amz-copy-source') ?? '').replace(/^\//, '')
  const [, fromBucket = '', fromKey = ''] = /^([^/]+)\/(.+)$/s.exec(source) ?? []
  if (fromKey === '') throw new S3Refusal('InvalidArgument', 'Copy Source must mention the source bucket and key')
  const from = buckets.get(fromBucket)
  if (!from) throw new S3Refusal('NoSuchBucket', 'The specified bucket does not exist')
  const object: FakeObject | undefined = from.objects.get(fromKey)
  if (!object) throw new S3Refusal('NoSuchKey', 'The specified key does not exist.')
  if (fromBucket === bucketName && fromKey === key) {
    throw new S3Refusal('InvalidRequest', 'This copy request is illegal because it copies an object to itself')
  }
  // A copy is one object again: its ETag is that of the bytes, whatever the source's was.
  const copied = { ...object, etag: etagOf(object.bytes), modifiedAt: toSeconds(now) }
  bucket.objects.set(key, copied)
  return {
    status: 200,
    body: toXml('CopyObjectResult', { ETag: copied.etag, LastModified: copied.modifiedAt.toISOString() }),
  }
}

export function deleteObject({ bucket, key }: S3Request): S3Response {
  if (bucket.locked.has(key)) throw new S3Refusal('AccessDenied', 'The object is locked')
  bucket.objects.delete(key)
  return { status: 204 }
}

export function deleteObjects({ bucket, bytes, checksum, headers }: S3Request): S3Response {
  if (!checksum && !headers.has('content-md5')) {
    throw new S3Refusal('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*')
  }
  const root = parseXml(bytes.toString())
  const objects = root.children.filter(({ name }) => name === 'Object')
  const keys = objects.map((object) => findText(object, 'Key') ?? '')
  const known = objects.every(({ children }) => children.length === 1)
  if (root.name !== 'Delete' || keys.length < 1 || keys.length > 1000)
    throw new S3Refusal('MalformedXML', 'Not 1 to 1000 keys')
  if (!known) throw new S3Refusal('NotImplemented', 'Only the Key of an object to delete is known')
  const refused = keys.filter((key) => bucket.locked.has(key))
  const deleted = keys.filter((key) => !bucket.locked.has(key))
  for (const key of deleted) bucket.objects.delete(key)
  const isQuiet = findText(root, 'Quiet') === 'true'
  const body = toXml('DeleteResult', {
    Deleted: isQuiet ? [] : deleted.map((Key) => ({ Key })),
    Error: refused.map((Key) => ({ Key, Code: 'AccessDenied', Message: 'The object is locked' })),
  })
  return { status: 200, body }
}

/** S3 keeps times to the second. */
export function toSeconds(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000)
}
