import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startS3Fake, type S3Fake } from './s3-fake.ts'

/** Against the AWS SDK as it comes, with its checksums, which is a client that we did not write. */
describe('the S3 fake', () => {
  const PART_BYTES = 5 * 1024 * 1024
  const md5 = (bytes: Uint8Array, encoding: 'hex' | 'base64' = 'hex') =>
    createHash('md5').update(bytes).digest(encoding)
  let fake: S3Fake
  let client: S3Client
  const at = (Key: string) => ({ Bucket: 'bucket', Key })
  const put = (Key: string, Body: string | Uint8Array = 'hello', rest = {}) =>
    client.send(new PutObjectCommand({ ...at(Key), Body, ...rest }))
  const refusal = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } })
  const connect = (secretAccessKey: string, region = 'eu-central-1') =>
    new S3Client({
      endpoint: fake.endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId: fake.credentials.accessKeyId, secretAccessKey },
      maxAttempts: 1,
    })

  beforeAll(async () => {
    fake = await startS3Fake()
    client = connect(fake.credentials.secretAccessKey)
  })
  afterAll(async () => {
    client.destroy()
    await fake.close()
  })

  test('refuses a wrong secret and a wrong region', async () => {
    const command = () => new PutObjectCommand({ ...at('signature'), Body: 'x' })
    await expect(connect('wrong').send(command())).rejects.toMatchObject(refusal('SignatureDoesNotMatch', 403))
    const elsewhere = connect(fake.credentials.secretAccessKey, 'us-west-2')
    await expect(elsewhere.send(command())).rejects.toMatchObject(refusal('AuthorizationHeaderMalformed', 400))
    await expect(client.send(new GetObjectCommand(at('signature')))).rejects.toMatchObject(refusal('NoSuchKey', 404))
  })

  test('takes the framing off a streamed body and verifies its trailer', async () => {
    const bytes = randomBytes(100_000)
    const Body = Readable.from([bytes.subarray(0, 50_000), bytes.subarray(50_000)])
    await client.send(new PutObjectCommand({ ...at('streamed'), Body, ContentLength: bytes.length }))
    const stored = fake.buckets.get('bucket')?.objects.get('streamed')
    expect([stored?.bytes.equals(bytes), stored?.checksum?.name, stored?.etag]).toEqual([
      true,
      'crc32',
      `"${md5(bytes)}"`,
    ])
  })

  // Checksums of "hello" from `python3 -c 'zlib.crc32(b"hello")'` (3610a686), sha1sum and sha256sum; the CRC-32C and
  // CRC-64/NVME of "123456789" from the catalogue of parametrised CRC algorithms (e3069283, ae8b14860a799888).
  test.each([
    ['CRC32', 'hello', '3610a686'],
    ['CRC32C', '123456789', 'e3069283'],
    ['CRC64NVME', '123456789', 'ae8b14860a799888'],
    ['SHA1', 'hello', 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'],
    ['SHA256', 'hello', '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'],
  ])('takes the right %s checksum, gives it back, and refuses another', async (name, body, hex) => {
    const right = Buffer.from(hex, 'hex')
    await put(`sum/${name}`, body, { [`Checksum${name}`]: right.toString('base64') })
    const head = await client.send(new HeadObjectCommand({ ...at(`sum/${name}`), ChecksumMode: 'ENABLED' }))
    expect(head).toMatchObject({ [`Checksum${name}`]: right.toString('base64'), ChecksumType: 'FULL_OBJECT' })
    const wrong = Buffer.from(right.map((byte) => byte ^ 1)).toString('base64')
    const refused = put(`bad/${name}`, body, { [`Checksum${name}`]: wrong })
    await expect(refused).rejects.toMatchObject(refusal('BadDigest', 400))
    expect(fake.buckets.get('bucket')?.objects.has(`bad/${name}`)).toBe(false)
  })

  test('verifies Content-MD5', async () => {
    await put('md5', 'hello', { ContentMD5: md5(Buffer.from('hello'), 'base64') })
    const wrong = put('md5', 'hello', { ContentMD5: md5(Buffer.from('other'), 'base64') })
    await expect(wrong).rejects.toMatchObject(refusal('BadDigest', 400))
    await expect(put('md5', 'hello', { ContentMD5: 'abc' })).rejects.toMatchObject(refusal('InvalidDigest', 400))
  })

  test('keeps the conditions of a write', async () => {
    const { ETag } = await put('condition', 'one', { IfNoneMatch: '*' })
    await expect(put('condition', 'two', { IfNoneMatch: '*' })).rejects.toMatchObject(
      refusal('PreconditionFailed', 412),
    )
    await expect(put('condition', 'two', { IfNoneMatch: ETag })).rejects.toMatchObject(refusal('NotImplemented', 501))
    await put('condition', 'two', { IfMatch: ETag })
    await expect(put('condition', 'three', { IfMatch: ETag })).rejects.toMatchObject(refusal('PreconditionFailed', 412))
    await expect(put('nothing', 'x', { IfMatch: ETag })).rejects.toMatchObject(refusal('NoSuchKey', 404))
    const get = (conditions: object) => client.send(new GetObjectCommand({ ...at('condition'), ...conditions }))
    await expect(get({ IfMatch: ETag })).rejects.toMatchObject(refusal('PreconditionFailed', 412))
    await expect(get({ IfNoneMatch: `"${md5(Buffer.from('two'))}"` })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    })
  })

  test('gives ranges', async () => {
    await put('range', '0123456789')
    const get = async (Range: string) => {
      const { Body, ContentRange, $metadata } = await client.send(new GetObjectCommand({ ...at('range'), Range }))
      return [await Body?.transformToString(), ContentRange, $metadata.httpStatusCode]
    }
    expect(await get('bytes=2-4')).toEqual(['234', 'bytes 2-4/10', 206])
    expect(await get('bytes=-3')).toEqual(['789', 'bytes 7-9/10', 206])
    expect(await get('bytes=4-3')).toEqual(['0123456789', undefined, 200])
    await expect(get('bytes=10-')).rejects.toMatchObject(refusal('InvalidRange', 416))
    await expect(get('bytes=-0')).rejects.toMatchObject(refusal('InvalidRange', 416))
    await expect(get('bytes=1-2,4-5')).rejects.toMatchObject(refusal('NotImplemented', 501))
  })

  test('lists in pages, rolled up by any delimiter', async () => {
    for (const key of ['list/a b', 'list/a--1', 'list/a--2', 'list/b', 'list/c--1']) await put(key)
    const list = (rest: object) => client.send(new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'list/', ...rest }))
    const first = await list({ Delimiter: '--', MaxKeys: 2, EncodingType: 'url' })
    expect(first).toMatchObject({ KeyCount: 2, IsTruncated: true, Contents: [{ Key: 'list/a+b' }] })
    expect(first.CommonPrefixes).toEqual([{ Prefix: 'list/a--' }])
    const second = await list({ Delimiter: '--', ContinuationToken: first.NextContinuationToken })
    expect(second).toMatchObject({ KeyCount: 2, IsTruncated: false, Contents: [{ Key: 'list/b', Size: 5 }] })
    expect(second.CommonPrefixes).toEqual([{ Prefix: 'list/c--' }])
    expect((await list({ StartAfter: 'list/a--2' })).Contents).toHaveLength(2)
    await expect(list({ ContinuationToken: 'x' })).rejects.toMatchObject(refusal('InvalidArgument', 400))
    await expect(list({ FetchOwner: true })).rejects.toMatchObject(refusal('NotImplemented', 501))
  })

  describe('multipart', () => {
    const begin = async (key: string, rest: object = { ChecksumAlgorithm: 'CRC32' }) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at(key), ...rest }))
      return { ...at(key), UploadId }
    }
    type Target = Awaited<ReturnType<typeof begin>>
    const upload = async (target: Target, PartNumber: number, Body: Uint8Array): Promise<CompletedPart> => {
      const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand({ ...target, PartNumber, Body }))
      return { PartNumber, ETag, ChecksumCRC32 }
    }
    const complete = (target: Target, Parts: CompletedPart[], rest = {}) =>
      client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts }, ...rest }))

    test('joins the parts, with an ETag of their number', async () => {
      const bodies = [randomBytes(PART_BYTES), randomBytes(10)]
      const target = await begin('multipart')
      const parts = [await upload(target, 2, bodies[0]!), await upload(target, 7, bodies[1]!)]
      const listed = await client.send(new ListPartsCommand(target))
      expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
        [2, PART_BYTES],
        [7, 10],
      ])
      // The rule is known from many clients: MD5 of the parts' MD5s in binary, then a hyphen and the number of parts.
      const joined = Buffer.concat(bodies.map((body) => Buffer.from(md5(body), 'hex')))
      expect((await complete(target, parts)).ETag).toBe(`"${md5(joined)}-2"`)
      expect(fake.buckets.get('bucket')?.objects.get('multipart')?.bytes.equals(Buffer.concat(bodies))).toBe(true)
      await expect(complete(target, parts)).rejects.toMatchObject(refusal('NoSuchUpload', 404))
    })

    test('refuses what does not fit together', async () => {
      const target = await begin('refused')
      const small = await upload(target, 1, Buffer.from('small'))
      const last = await upload(target, 2, Buffer.from('last'))
      await expect(complete(target, [small, last])).rejects.toMatchObject(refusal('EntityTooSmall', 400))
      await expect(complete(target, [last, small])).rejects.toMatchObject(refusal('InvalidPartOrder', 400))
      const absent = { ...last, PartNumber: 3 }
      await expect(complete(target, [absent])).rejects.toMatchObject(refusal('InvalidPart', 400))
      const other = { ...last, ETag: small.ETag }
      await expect(complete(target, [other])).rejects.toMatchObject(refusal('InvalidPart', 400))
      const otherSum = { ...last, ChecksumCRC32: small.ChecksumCRC32 }
      await expect(complete(target, [otherSum])).rejects.toMatchObject(refusal('InvalidPart', 400))
      const noSum = { ...last, ChecksumCRC32: undefined }
      await expect(complete(target, [noSum])).rejects.toMatchObject(refusal('InvalidRequest', 400))
      await expect(complete(target, [])).rejects.toMatchObject(refusal('MalformedXML', 400))
      await expect(upload(target, 10_001, Buffer.from('x'))).rejects.toMatchObject(refusal('InvalidArgument', 400))
      const plain = await begin('plain', {})
      await expect(upload(plain, 1, Buffer.from('x'))).rejects.toMatchObject(refusal('InvalidRequest', 400))
      expect(fake.buckets.get('bucket')?.objects.has('refused')).toBe(false)
    })

    test('keeps the condition of the last step, and forgets an aborted upload', async () => {
      await put('taken')
      const target = await begin('taken')
      const part = await upload(target, 1, Buffer.from('x'))
      await expect(complete(target, [part], { IfNoneMatch: '*' })).rejects.toMatchObject(
        refusal('PreconditionFailed', 412),
      )
      await client.send(new AbortMultipartUploadCommand(target))
      await expect(complete(target, [part])).rejects.toMatchObject(refusal('NoSuchUpload', 404))
      await expect(client.send(new AbortMultipartUploadCommand(target))).rejects.toMatchObject(
        refusal('NoSuchUpload', 404),
      )
    })
  })

  test('copies, but not an object to itself', async () => {
    await put('from', 'hello', { Metadata: { a: '1' } })
    const copy = (Key: string, CopySource: string) => client.send(new CopyObjectCommand({ ...at(Key), CopySource }))
    await copy('to', 'bucket/from')
    expect(await client.send(new HeadObjectCommand(at('to')))).toMatchObject({ Metadata: { a: '1' }, ContentLength: 5 })
    await expect(copy('to', 'bucket/to')).rejects.toMatchObject(refusal('InvalidRequest', 400))
    await expect(copy('to', 'bucket/none')).rejects.toMatchObject(refusal('NoSuchKey', 404))
    await expect(copy('to', 'elsewhere/from')).rejects.toMatchObject(refusal('NoSuchBucket', 404))
  })

  test('refuses what it would have to ignore', async () => {
    const refused = refusal('NotImplemented', 501)
    await expect(put('x', 'x', { StorageClass: 'GLACIER' })).rejects.toMatchObject(refused)
    await expect(put('x', 'x', { ACL: 'public-read' })).rejects.toMatchObject(refused)
    await expect(put('x', 'x', { CacheControl: 'no-store', Tagging: 'a=b' })).rejects.toMatchObject(refused)
    await expect(client.send(new DeleteObjectCommand({ ...at('x'), VersionId: '1' }))).rejects.toMatchObject(refused)
    await expect(client.send(new GetObjectCommand({ ...at('x'), PartNumber: 1 }))).rejects.toMatchObject(refused)
  })

  test('holds a presigned PUT to the checksum of an empty body that the SDK signs into it', async () => {
    const url = await getSignedUrl(client, new PutObjectCommand(at('presigned')), { expiresIn: 60 })
    expect(url).toContain('x-amz-checksum-crc32=AAAAAA%3D%3D')
    expect((await fetch(url, { method: 'PUT', body: 'hello' })).status).toBe(400)
    expect((await fetch(url, { method: 'PUT', body: '' })).status).toBe(200)
  })
})
