import { Readable } from 'node:stream'
import { AbortMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { checkSha256, measureBody, sha256Of } from '../body.ts'
import { DEFAULT_CONTENT_TYPE, SHA256_NAME } from '../checks.ts'
import type { ObjectBody, PutOptions, StoredObject } from '../object-store.ts'
import { toObjectError } from './s3-error.ts'

interface Target {
  client: S3Client
  bucket: string
  partSizeBytes: number
}

type Put = Promise<StoredObject & { sha256: string }>

/** One request for what fits into a part, a multipart upload for more; the SDK retries either. */
export async function putObject(target: Target, key: string, body: ObjectBody, options: PutOptions): Put {
  if (typeof body === 'string') return putBytes(target, key, Buffer.from(body), options)
  if (body instanceof Uint8Array) return putBytes(target, key, body, options)
  const { chunks, measure } = measureBody(key, body, options.sha256)
  try {
    const begin: Uint8Array[] = []
    if (await readsToEnd(chunks, target.partSizeBytes, begin)) {
      return await putBytes(target, key, Buffer.concat(begin), options)
    }
    const etag = await upload(target, toInput(target, key, options, options.sha256), Readable.from(join(begin, chunks)))
    return { key, etag, ...measure() }
  } finally {
    await chunks.return()
  }
}

async function putBytes(target: Target, key: string, bytes: Uint8Array, options: PutOptions): Put {
  const sha256 = sha256Of(bytes)
  checkSha256(key, options.sha256, sha256)
  const input = toInput(target, key, options, sha256)
  const etag = await (bytes.byteLength > target.partSizeBytes
    ? upload(target, input, bytes)
    : send(target, input, bytes))
  return { key, etag, sizeBytes: bytes.byteLength, sha256 }
}

type Input = PutObjectCommandInput & { Key: string }

function toInput({ bucket }: Target, key: string, options: PutOptions, sha256: string | undefined): Input {
  const { contentType = DEFAULT_CONTENT_TYPE, metadata, ifAbsent } = options
  const known = sha256 && { [SHA256_NAME]: sha256.toLowerCase() }
  return {
    Bucket: bucket,
    Key: key,
    ContentType: contentType,
    Metadata: { ...metadata, ...known },
    ...(ifAbsent && { IfNoneMatch: '*' }),
  }
}

async function send({ client }: Target, input: Input, body: Uint8Array): Promise<string> {
  try {
    return unquote((await client.send(new PutObjectCommand({ ...input, Body: body }))).ETag)
  } catch (error) {
    throw toObjectError(error, input.Key)
  }
}

async function upload({ client, partSizeBytes }: Target, input: Input, body: Readable | Uint8Array): Promise<string> {
  const upload = new Upload({ client, partSize: partSizeBytes, params: { ...input, Body: body } })
  try {
    return unquote((await upload.done()).ETag)
  } catch (error) {
    // The library does this when a part fails, but not when the last step is refused; the parts would be paid forever.
    const { Bucket, Key } = input
    if (upload.uploadId)
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: upload.uploadId })).catch(ignoreGone)
    throw toObjectError(error, input.Key)
  }
}

/** An abort that was done already, or that fails like the upload did: the upload's own error says more. */
function ignoreGone(): undefined {
  return undefined
}

/** Collects chunks until there are more than `partSizeBytes`; true when that is all there is. */
async function readsToEnd(
  chunks: AsyncIterator<Uint8Array>,
  partSizeBytes: number,
  begin: Uint8Array[],
): Promise<boolean> {
  let sizeBytes = 0
  while (sizeBytes <= partSizeBytes) {
    const { done, value } = await chunks.next()
    if (done) return true
    begin.push(value)
    sizeBytes += value.byteLength
  }
  return false
}

async function* join(begin: Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* begin
  yield* rest
}

export function unquote(etag: string | undefined): string {
  return (etag ?? '').replace(/^"(.*)"$/, '$1')
}
