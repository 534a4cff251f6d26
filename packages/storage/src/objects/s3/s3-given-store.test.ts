import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { givenClient, givenStore, knownDifferences, makeTestBucket, removeTestBucket } from '../testing/given-store.ts'
import { createS3Objects } from './s3-objects.ts'

const MEBIBYTE = 1024 * 1024

/**
 * The calls of S3 that the product, its backups and its deployment use, on the server of TEST_S3_ENDPOINT, by the SDK
 * with its defaults. What S3 answers is from its API reference; checksums of "123456789" are the check values of the
 * CRC catalogue (CRC-32/ISO-HDLC, CRC-64/NVME).
 */
describe.skipIf(!givenStore)('a given S3 store', () => {
  const given = givenStore!
  const created: string[] = []
  let client: S3Client
  let bucket: string
  let differs: Map<string, string>

  const newBucket = async () => {
    const name = await makeTestBucket(client)
    created.push(name)
    return name
  }
  const putText = (Key: string, Body: string, more: object = {}) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ...more }))
  const getText = async (Key: string, more: object = {}) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key, ...more }))
    return Body!.transformToString()
  }

  beforeAll(async () => {
    differs = await knownDifferences(given)
    client = givenClient(given)
    bucket = await newBucket()
  })
  afterAll(async () => {
    for (const name of created) await removeTestBucket(client, name)
    client.destroy()
  })
  beforeEach(({ task, skip }) => {
    const difference = differs.get(task.name)
    if (difference !== undefined) skip(difference)
  })

  test('the checksum that the SDK sends by default is kept, given back and checked', async () => {
    expect((await putText('crc32', '123456789')).ChecksumCRC32).toBe('y/Q5Jg==')
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'crc32', ChecksumMode: 'ENABLED' }))
    expect(head.ChecksumCRC32).toBe('y/Q5Jg==')
    expect(await getText('crc32')).toBe('123456789')
  })

  test('CRC-64/NVME, which newer tools send, is kept', async () => {
    await putText('crc64', '123456789', { ChecksumCRC64NVME: 'rosUhgp5mIg=' })
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'crc64', ChecksumMode: 'ENABLED' }))
    expect(head.ChecksumCRC64NVME).toBe('rosUhgp5mIg=')
  })

  test('a body with another checksum than its own is refused', async () => {
    const put = putText('wrong', '123456789', { ChecksumCRC32: 'AAAAAA==' })
    await expect(put).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } })
    await expect(getText('wrong')).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  test('a stream, whose checksum follows it as a trailer, is stored without its framing', async () => {
    const bytes = randomBytes(200_000)
    const Body = Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)])
    const input = { Bucket: bucket, Key: 'trailer', Body, ContentLength: bytes.length }
    await client.send(new PutObjectCommand(input))
    const stored = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'trailer' }))
    expect(Buffer.compare(await stored.Body!.transformToByteArray(), bytes)).toBe(0)
    expect(stored.ContentEncoding ?? '').not.toContain('aws-chunked')
  })

  test('a multipart upload is one object, of which a range across its parts can be read', async () => {
    const bytes = randomBytes(11 * MEBIBYTE)
    const params = { Bucket: bucket, Key: 'parts', Body: bytes, ContentType: 'a/b' }
    await new Upload({ client, params, partSize: 5 * MEBIBYTE }).done()
    const stored = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'parts' }))
    const sha256 = createHash('sha256').update(await stored.Body!.transformToByteArray())
    expect([stored.ContentType, sha256.digest('hex')]).toEqual([
      'a/b',
      createHash('sha256').update(bytes).digest('hex'),
    ])
    const from = 5 * MEBIBYTE - 3
    const Range = `bytes=${from}-${from + 5}`
    const part = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'parts', Range }))
    expect([part.ContentRange, Buffer.from(await part.Body!.transformToByteArray()).toString('hex')]).toEqual([
      `bytes ${from}-${from + 5}/${bytes.length}`,
      bytes.subarray(from, from + 6).toString('hex'),
    ])
  })

  test('a put under a condition replaces the object it knows, and no other', async () => {
    const { ETag } = await putText('condition', 'one')
    await expect(putText('condition', 'two', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    })
    await putText('condition', 'two', { IfMatch: ETag })
    await expect(putText('condition', 'three', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' })
    expect(await getText('condition')).toBe('two')
  })

  test('a presigned URL ends when it expires', async () => {
    const objects = createS3Objects({ ...given, bucket, forcePathStyle: true })
    await objects.put('expires', 'hello')
    const url = await objects.sign('expires', { method: 'GET', expiresInS: 2 })
    objects.close()
    expect((await fetch(url)).status).toBe(200)
    await sleep(3_500)
    expect((await fetch(url)).status).toBe(403)
  })

  test('keys that are wrong get nothing', async () => {
    const stranger = givenClient({ ...given, credentials: { accessKeyId: 'stranger', secretAccessKey: 'unknown' } })
    const forger = givenClient({ ...given, credentials: { ...given.credentials, secretAccessKey: 'guessed' } })
    await putText('mine', 'mine')
    for (const other of [stranger, forger]) {
      const get = other.send(new GetObjectCommand({ Bucket: bucket, Key: 'mine' }))
      await expect(get).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
      other.destroy()
    }
    expect((await fetch(`${given.endpoint}/${bucket}/mine`)).status).toBe(403)
  })

  describe('a presigned POST', () => {
    const post = async (fields: Record<string, string>, url: string, body: string) => {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.set(name, value)
      form.set('file', new Blob([body]), 'report.txt')
      return (await fetch(url, { method: 'POST', body: form })).status
    }
    const sign = (Key: string) =>
      createPresignedPost(client, {
        Bucket: bucket,
        Key,
        Conditions: [['content-length-range', 1, 10]],
        Fields: { 'Content-Type': 'text/x' },
        Expires: 60,
      })

    test('stores what a form uploads', async () => {
      const { url, fields } = await sign('post/report')
      expect(await post(fields, url, 'hello')).toBe(204)
      const stored = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'post/report' }))
      expect([await stored.Body!.transformToString(), stored.ContentType]).toEqual(['hello', 'text/x'])
    })

    test('takes no more than its policy allows', async () => {
      const { url, fields } = await sign('post/large')
      expect(await post(fields, url, 'more than ten bytes')).toBe(400)
      await expect(getText('post/large')).rejects.toMatchObject({ name: 'NoSuchKey' })
    })

    test('takes no other key, and no forged signature', async () => {
      const { url, fields } = await sign('post/mine')
      expect(await post({ ...fields, key: 'post/other' }, url, 'hello')).toBe(403)
      const forged = { ...fields, 'X-Amz-Signature': '0'.repeat(64) }
      expect(await post(forged, url, 'hello')).toBe(403)
      await expect(getText('post/other')).rejects.toMatchObject({ name: 'NoSuchKey' })
      await expect(getText('post/mine')).rejects.toMatchObject({ name: 'NoSuchKey' })
    })
  })

  test('versions are kept, listed, read and survive a delete', async () => {
    const Bucket = await newBucket()
    const put = (Body: string) => client.send(new PutObjectCommand({ Bucket, Key: 'dump', Body }))
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled')
    const first = await put('first')
    const second = await put('second')
    expect(first.VersionId).not.toBe(second.VersionId)
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'dump' }))
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'dump' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    })
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'dump' }))
    // The newest first, as the API reference says.
    expect(listed.Versions?.map(({ VersionId }) => VersionId)).toEqual([second.VersionId, first.VersionId])
    expect(listed.DeleteMarkers).toHaveLength(1)
    const input = { Bucket, Key: 'dump', VersionId: first.VersionId }
    const old = await client.send(new GetObjectCommand(input))
    expect(await old.Body!.transformToString()).toBe('first')
  })

  test('the rules of a lifecycle are kept as they were put', async () => {
    const Bucket = await newBucket()
    const Rules = [
      {
        ID: 'unfinished',
        Status: 'Enabled' as const,
        Filter: { Prefix: '' },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      {
        ID: 'old',
        Status: 'Enabled' as const,
        Filter: { Prefix: 'dumps/' },
        Expiration: { Days: 90 },
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      },
    ]
    const absent = client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    await expect(absent).rejects.toMatchObject({ name: 'NoSuchLifecycleConfiguration' })
    await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
    const kept = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    expect(kept.Rules).toEqual(expect.arrayContaining(Rules.map((rule) => expect.objectContaining(rule))))
  })
})
