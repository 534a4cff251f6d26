import { createHash, randomUUID } from 'node:crypto'
import { checksumOf, findChecksumName, type Checksum } from './checksums.ts'
import { S3Refusal } from './s3-refusal.ts'
import { checksumHeaders, checkWriteConditions, describe, etagOf } from './s3-state.ts'
import type { FakeChecksum, FakePart, FakeUpload, S3Request, S3Response } from './s3-state.ts'
import { toSeconds } from './s3-write.ts'
import { findText, parseXml, toXml, type XmlElement } from './xml.ts'

/** Every part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024
const MAX_PARTS = 10_000

export function createUpload({ bucket, bucketName, key, headers }: S3Request): S3Response {
  const algorithm = headers.get('x-amz-checksum-algorithm')
  const checksumName = algorithm === undefined ? undefined : findChecksumName(algorithm)
  if (algorithm !== undefined && !checksumName) throw new S3Refusal('InvalidRequest', `No such algorithm: ${algorithm}`)
  if (checksumName === 'crc64nvme' || (headers.get('x-amz-checksum-type') ?? 'COMPOSITE') !== 'COMPOSITE') {
    throw new S3Refusal('NotImplemented', 'Multipart uploads have COMPOSITE checksums only')
  }
  const id = randomUUID()
  bucket.uploads.set(id, { ...describe(headers), key, parts: new Map(), ...(checksumName && { checksumName }) })
  const body = toXml('InitiateMultipartUploadResult', { Bucket: bucketName, Key: key, UploadId: id })
  const echo = checksumName && {
    'x-amz-checksum-algorithm': checksumName.toUpperCase(),
    'x-amz-checksum-type': 'COMPOSITE',
  }
  return { status: 200, body, headers: { ...echo } }
}

export function uploadPart(request: S3Request): S3Response {
  const upload = getUpload(request)
  const number = Number(request.query.get('partNumber'))
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw new S3Refusal('InvalidArgument', `Part number must be an integer between 1 and ${MAX_PARTS}`)
  }
  const { bytes, checksum } = request
  if (checksum?.name !== upload.checksumName) {
    throw new S3Refusal(
      'InvalidRequest',
      `Checksum Type mismatch: expected ${upload.checksumName}, got ${checksum?.name}`,
    )
  }
  const part = { bytes, etag: etagOf(bytes), ...(checksum && { checksum }) }
  upload.parts.set(number, part)
  return { status: 200, headers: { etag: part.etag, ...checksumHeaders(checksum) } }
}

export function completeUpload(request: S3Request): S3Response {
  const upload = getUpload(request)
  checkWriteConditions(request)
  const root = parseXml(request.bytes.toString())
  if (root.name !== 'CompleteMultipartUpload' || root.children.length === 0) {
    throw new S3Refusal('MalformedXML', 'Expected CompleteMultipartUpload with one Part at least')
  }
  const parts = readParts(root, upload)
  const isTooSmall = parts.slice(0, -1).some(({ bytes }) => bytes.length < MIN_PART_BYTES)
  if (isTooSmall) throw new S3Refusal('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size')
  const checksum = composite(parts.flatMap((part) => (part.checksum ? [part.checksum] : [])))
  const { contentType, metadata } = upload
  const bytes = Buffer.concat(parts.map((part) => part.bytes))
  const etag = multipartEtag(parts)
  const modifiedAt = toSeconds(request.now)
  request.bucket.objects.set(request.key, {
    contentType,
    metadata,
    bytes,
    etag,
    modifiedAt,
    ...(checksum && { checksum }),
  })
  request.bucket.uploads.delete(request.query.get('uploadId') ?? '')
  const { bucketName, key } = request
  return { status: 200, body: toXml('CompleteMultipartUploadResult', { Bucket: bucketName, Key: key, ETag: etag }) }
}

function readParts(root: XmlElement, upload: FakeUpload): FakePart[] {
  let before = 0
  return root.children.map((element) => {
    const number = Number(findText(element, 'PartNumber'))
    if (element.name !== 'Part' || !Number.isInteger(number)) throw new S3Refusal('MalformedXML', 'Expected a Part')
    if (number <= before) throw new S3Refusal('InvalidPartOrder', 'The list of parts was not in ascending order')
    before = number
    const part = upload.parts.get(number)
    if (!part || quoted(findText(element, 'ETag')) !== part.etag) {
      throw new S3Refusal('InvalidPart', `Part ${number} could not be found, or its ETag does not match`)
    }
    checkPartChecksum(element, number, part.checksum)
    return part
  })
}

function checkPartChecksum(element: XmlElement, number: number, checksum: Checksum | undefined): void {
  if (!checksum) return
  const given = findText(element, `Checksum${checksum.name.toUpperCase()}`)
  if (given === undefined) {
    throw new S3Refusal('InvalidRequest', `The complete request must include the checksum of part ${number}`)
  }
  if (given !== checksum.value) throw new S3Refusal('InvalidPart', `Part ${number} has another ${checksum.name}`)
}

/** The MD5 of the parts' MD5s and the number of parts, as S3 makes it. */
function multipartEtag(parts: FakePart[]): string {
  const digests = parts.map((part) => createHash('md5').update(part.bytes).digest())
  return `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}"`
}

function composite(checksums: Checksum[]): FakeChecksum | undefined {
  const [first] = checksums
  if (!first) return undefined
  const joined = Buffer.concat(checksums.map(({ value }) => Buffer.from(value, 'base64')))
  return { name: first.name, value: `${checksumOf(first.name, joined)}-${checksums.length}`, type: 'COMPOSITE' }
}

export function abortUpload(request: S3Request): S3Response {
  getUpload(request)
  request.bucket.uploads.delete(request.query.get('uploadId') ?? '')
  return { status: 204 }
}

export function listParts(request: S3Request): S3Response {
  const { parts, key } = getUpload(request)
  const listed = [...parts].sort(([a], [b]) => a - b)
  const Part = listed.map(([PartNumber, { etag, bytes }]) => ({ PartNumber, ETag: etag, Size: bytes.length }))
  const UploadId = request.query.get('uploadId')
  return {
    status: 200,
    body: toXml('ListPartsResult', { Bucket: request.bucketName, Key: key, UploadId, Part, IsTruncated: false }),
  }
}

function getUpload({ bucket, key, query }: S3Request): FakeUpload {
  const upload = bucket.uploads.get(query.get('uploadId') ?? '')
  if (upload?.key !== key) throw new S3Refusal('NoSuchUpload', 'The specified upload does not exist.')
  return upload
}

function quoted(etag = ''): string {
  return etag.startsWith('"') ? etag : `"${etag}"`
}
