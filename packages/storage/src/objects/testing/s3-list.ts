import { S3Refusal } from './s3-refusal.ts'
import type { S3Request, S3Response } from './s3-state.ts'
import { toXml } from './xml.ts'

const MAX_KEYS = 1000
const TOKEN = 'token:'

/** ListObjectsV2: keys in the order of their UTF-8 bytes, those with the delimiter after the prefix rolled up. */
export function listObjects({ bucket, bucketName, query }: S3Request): S3Response {
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const maxKeys = readMaxKeys(query.get('max-keys'))
  const token = query.get('continuation-token')
  const after = token === undefined ? (query.get('start-after') ?? '') : decodeToken(token)
  // A page may have ended with a prefix: nothing below it comes again.
  const isPast = (key: string) =>
    compare(key, after) <= 0 || (token !== undefined && isRolledUp(after) && key.startsWith(after))
  const isRolledUp = (text: string) => delimiter !== '' && text.endsWith(delimiter)
  const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(prefix) && !isPast(key)).sort(compare)
  const items = [...new Set(keys.map((key) => rollUp(key, prefix, delimiter)))]
  const page = items.slice(0, maxKeys)
  const isTruncated = items.length > page.length && page.length > 0
  const encode = encoderOf(query.get('encoding-type'))
  const Contents = page.flatMap((key) => {
    const object = bucket.objects.get(key)
    if (!object || rollUp(key, prefix, delimiter) !== key || isRolledUp(key.slice(prefix.length))) return []
    return [
      { Key: encode(key), LastModified: object.modifiedAt.toISOString(), ETag: object.etag, Size: object.bytes.length },
    ]
  })
  const CommonPrefixes = page.flatMap((item) =>
    isRolledUp(item.slice(prefix.length)) ? [{ Prefix: encode(item) }] : [],
  )
  const body = toXml('ListBucketResult', {
    Name: bucketName,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    MaxKeys: maxKeys,
    EncodingType: query.get('encoding-type'),
    KeyCount: page.length,
    IsTruncated: isTruncated,
    NextContinuationToken: isTruncated ? encodeToken(page.at(-1) ?? '') : undefined,
    Contents,
    CommonPrefixes,
  })
  return { status: 200, body }
}

function rollUp(key: string, prefix: string, delimiter: string): string {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
  return end === -1 ? key : key.slice(0, end + delimiter.length)
}

function readMaxKeys(text: string | undefined): number {
  if (text === undefined) return MAX_KEYS
  if (!/^\d{1,9}$/.test(text)) throw new S3Refusal('InvalidArgument', `max-keys is not a number: ${text}`)
  return Math.min(Number(text), MAX_KEYS)
}

function encoderOf(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text
  if (type !== 'url') throw new S3Refusal('InvalidArgument', 'Invalid Encoding Method specified in Request')
  // As forms are encoded, but for the slash.
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+')
}

function encodeToken(last: string): string {
  return Buffer.from(TOKEN + last).toString('base64')
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString()
  if (!text.startsWith(TOKEN)) throw new S3Refusal('InvalidArgument', 'The continuation token provided is incorrect')
  return text.slice(TOKEN.length)
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
