import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { CopyObjectCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { GetObjectCommandOutput, HeadObjectCommandOutput, S3ClientConfig } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { checkStored, verifyStream } from '../body.ts'
import { checkKey, checkList, checkPut, checkRange, checkSign, findKeyFault, invalid } from '../checks.ts'
import { DEFAULT_CONTENT_TYPE, SHA256_NAME } from '../checks.ts'
import { contentDisposition } from '../content-disposition.ts'
import { DeleteFailed, orAbsent } from '../errors.ts'
import type { ByteRange, ListOptions, ObjectBytes, ObjectHead, ObjectPage, ObjectStore } from '../object-store.ts'
import { toListError, toObjectError } from './s3-error.ts'
import { putObject, unquote } from './s3-put.ts'

/** S3 takes no smaller part but the last (`EntityTooSmall`). */
const MIN_PART_BYTES = 5 * 1024 * 1024
const DELETE_BATCH = 1000

export interface S3ObjectsOptions {
  bucket: string
  region: string
  /** Another service than AWS, or AWS by another door; absent for AWS. */
  endpoint?: string | undefined
  /** `endpoint/bucket/key` in place of `bucket.endpoint/key`. */
  forcePathStyle?: boolean | undefined
  /** Found where the AWS SDK looks for them when absent: environment, profile, role of the machine. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined
  /** What is larger goes up in parts of this size, four at a time; 8 MiB when absent, at least 5 MiB. */
  partSizeBytes?: number | undefined
  /**
   * Whether CRC-32 checksums go with every request and are checked in every answer. By default with AWS itself and
   * not with another endpoint, since many services store the framing of such requests as if it were content.
   */
  checksums?: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED' | undefined
}

/** Objects in an S3 bucket, which must exist. Nothing is connected to before the first call. */
export function createS3Objects(options: S3ObjectsOptions): ObjectStore {
  const { bucket, endpoint, partSizeBytes = 8 * 1024 * 1024 } = options
  if (partSizeBytes < MIN_PART_BYTES) throw invalid('partSizeBytes', `at least ${MIN_PART_BYTES}`, partSizeBytes)
  const checksums = options.checksums ?? (endpoint === undefined ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED')
  const client = new S3Client(toConfig(options, checksums))
  // With checksums the presigner would sign that of an empty body into a PUT, which then takes no other body.
  const signer = new S3Client(toConfig(options, 'WHEN_REQUIRED'))

  async function send<Output>(key: string, answer: Promise<Output>, range?: ByteRange): Promise<Output> {
    try {
      return await answer
    } catch (error) {
      throw toObjectError(error, key, range)
    }
  }

  async function getObject(key: string, range?: ByteRange) {
    const input = { Bucket: bucket, Key: key, ...(range && { Range: toHeader(range) }) }
    const output = await send(key, client.send(new GetObjectCommand(input)), range)
    if (!(output.Body instanceof Readable)) throw new TypeError('The S3 client gave no Node stream.')
    return { output, body: output.Body }
  }

  async function get(key: string): Promise<ObjectBytes> {
    checkKey(key)
    const { output, body } = await getObject(key)
    const bytes = await send(key, buffer(body))
    const head = toHead(key, output)
    checkStored(key, head.sha256, bytes)
    return { ...head, bytes }
  }

  async function head(key: string): Promise<ObjectHead> {
    checkKey(key)
    return toHead(key, await send(key, client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))))
  }

  return {
    get,
    head,
    find: (key) => orAbsent(get(key)),
    async put(key, body, options = {}) {
      checkKey(key)
      checkPut(options)
      return putObject({ client, bucket, partSizeBytes }, key, body, options)
    },
    async stream(key, { range } = {}) {
      checkKey(key)
      if (range) checkRange(key, range)
      const { output, body } = await getObject(key, range)
      const head = toHead(key, output)
      const contentRange = findContentRange(output.ContentRange)
      if (range && contentRange)
        return { ...head, sizeBytes: contentRange.sizeBytes, body, contentRange: contentRange.range }
      return { ...head, body: verifyStream(key, body, head.sha256, (error) => toObjectError(error, key)) }
    },
    async list(options = {}) {
      checkList(options)
      return listPage(client, bucket, options)
    },
    async copy(from, to) {
      checkKey(from)
      checkKey(to)
      // S3 refuses to copy an object to itself.
      if (from === to) return void (await head(from))
      const source = `${bucket}/${from.split('/').map(encodeURIComponent).join('/')}`
      await send(from, client.send(new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: source })))
    },
    async delete(...keys) {
      for (const key of keys) checkKey(key)
      for (let start = 0; start < keys.length; start += DELETE_BATCH) {
        await deleteBatch(client, bucket, keys.slice(start, start + DELETE_BATCH))
      }
    },
    async sign(key, options) {
      checkKey(key)
      checkSign(options)
      const { method, expiresInS, downloadName } = options
      const disposition = downloadName !== undefined && { ResponseContentDisposition: contentDisposition(downloadName) }
      const input = { Bucket: bucket, Key: key }
      const command =
        method === 'PUT' ? new PutObjectCommand(input) : new GetObjectCommand({ ...input, ...disposition })
      return getSignedUrl(signer, command, { expiresIn: expiresInS })
    },
    close() {
      client.destroy()
      signer.destroy()
    },
  }
}

function toConfig(options: S3ObjectsOptions, checksums: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED'): S3ClientConfig {
  const { region, endpoint, forcePathStyle = false, credentials } = options
  return {
    region,
    forcePathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    // The SDK waits without end by default.
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
  }
}

function toHead(key: string, output: GetObjectCommandOutput | HeadObjectCommandOutput): ObjectHead {
  const { [SHA256_NAME]: sha256, ...metadata } = output.Metadata ?? {}
  return {
    key,
    sizeBytes: output.ContentLength ?? 0,
    etag: unquote(output.ETag),
    contentType: output.ContentType ?? DEFAULT_CONTENT_TYPE,
    metadata,
    modifiedAt: output.LastModified ?? new Date(0),
    ...(sha256 !== undefined && { sha256 }),
  }
}

function toHeader(range: ByteRange): string {
  return 'last' in range ? `bytes=-${range.last}` : `bytes=${range.start}-${range.end ?? ''}`
}

function findContentRange(header: string | undefined) {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header ?? '')
  if (!match) return undefined
  const [start, end, sizeBytes] = match.slice(1).map(Number) as [number, number, number]
  return { range: { start, end }, sizeBytes }
}

async function listPage(client: S3Client, bucket: string, options: ListOptions): Promise<ObjectPage> {
  const { prefix, delimiter, after, cursor, limit = 1000 } = options
  const output = await client
    .send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: delimiter,
        StartAfter: after,
        ContinuationToken: cursor,
        MaxKeys: limit,
        // Keys that others stored may have characters that XML cannot carry.
        EncodingType: 'url',
      }),
    )
    .catch((error: unknown) => {
      throw toListError(error, cursor)
    })
  const objects = (output.Contents ?? []).flatMap(({ Key, Size, ETag, LastModified }) => {
    const key = decodeListed(Key)
    if (findKeyFault(key)) return []
    return [{ key, sizeBytes: Size ?? 0, etag: unquote(ETag), modifiedAt: LastModified ?? new Date(0) }]
  })
  const prefixes = (output.CommonPrefixes ?? [])
    .map(({ Prefix }) => decodeListed(Prefix))
    .filter((prefix) => !findKeyFault(prefix.slice(0, -1)))
  return { objects, prefixes, ...(output.NextContinuationToken && { cursor: output.NextContinuationToken }) }
}

/** The encoding type `url` is that of forms: a space is a plus. */
function decodeListed(text: string | undefined): string {
  return decodeURIComponent((text ?? '').replaceAll('+', ' '))
}

async function deleteBatch(client: S3Client, bucket: string, keys: string[]): Promise<void> {
  const { Errors = [] } = await client.send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) } }),
  )
  if (Errors.length === 0) return
  throw new DeleteFailed(
    Errors.map(({ Key = '', Code, Message }) => ({ key: Key, reason: Message ?? Code ?? 'unknown' })),
  )
}
