import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ObjectStore } from '../object-store.ts'
import { startS3Fake, type S3Fake } from '../testing/s3-fake.ts'
import { createS3Objects, type S3ObjectsOptions } from './s3-objects.ts'

describe('objects in S3', () => {
  let fake: S3Fake
  const opened: ObjectStore[] = []
  const open = (options: Partial<S3ObjectsOptions> = {}) => {
    const { credentials, endpoint } = fake
    const fixed = { bucket: 'bucket', region: credentials.region, credentials, endpoint, forcePathStyle: true }
    const objects = createS3Objects({ ...fixed, ...options })
    opened.push(objects)
    return objects
  }

  beforeAll(async () => {
    fake = await startS3Fake()
  })
  afterAll(async () => {
    for (const objects of opened) objects.close()
    await fake.close()
  })

  test('sends checksums to AWS and none to another endpoint', async () => {
    await open().put('plain', 'hello')
    expect(fake.buckets.get('bucket')?.objects.get('plain')?.checksum).toBeUndefined()
    await open({ checksums: 'WHEN_SUPPORTED' }).put('summed', 'hello')
    expect(fake.buckets.get('bucket')?.objects.get('summed')?.checksum).toMatchObject({ name: 'crc32' })
  })

  test('signs addresses of AWS itself', async () => {
    const objects = open({ endpoint: undefined, forcePathStyle: undefined })
    const url = new URL(await objects.sign('a b/ü', { method: 'PUT', expiresInS: 60 }))
    expect(url.host).toBe('bucket.s3.eu-central-1.amazonaws.com')
    expect(url.pathname).toBe('/a%20b/%C3%BC')
    expect([...url.searchParams.keys()].some((name) => name.includes('checksum-crc32'))).toBe(false)
  })

  test('a bucket that does not exist is not an absent object', async () => {
    await expect(open({ bucket: 'none' }).find('a')).rejects.toMatchObject({ name: 'NoSuchBucket' })
  })

  test('a crossed write is a conflict, which stored nothing', async () => {
    const objects = open()
    fake.refuseNext(/^PUT .*crossed/, 'ConditionalRequestConflict')
    const put = objects.put('crossed', 'x', { ifAbsent: true })
    await expect(put).rejects.toMatchObject({ name: 'ObjectConflict', key: 'crossed' })
    expect(await objects.find('crossed')).toBeUndefined()
  })

  test('a passing fault is tried again', async () => {
    const objects = open()
    fake.refuseNext(/^PUT .*again/, 'InternalError')
    await objects.put('again', 'hello')
    expect(await objects.head('again')).toMatchObject({ sizeBytes: 5 })
  })

  test('when a part is refused nothing is left behind', async () => {
    const objects = open({ partSizeBytes: 5 * 1024 * 1024 })
    fake.refuseNext(/partNumber=2/, 'AccessDenied')
    const put = objects.put('parts', Buffer.alloc(11 * 1024 * 1024))
    await expect(put).rejects.toMatchObject({ name: 'AccessDenied' })
    expect(await objects.find('parts')).toBeUndefined()
    expect(fake.buckets.get('bucket')?.uploads.size).toBe(0)
  })

  test('what others stored can be read, and is not listed under a key that is none', async () => {
    const objects = open()
    const bytes = Buffer.from('theirs')
    const theirs = { bytes, etag: '"abc"', contentType: 'text/plain', metadata: {}, modifiedAt: new Date(0) }
    for (const key of ['others/', 'others/a\nb', 'others//c', 'others/fine'])
      fake.buckets.get('bucket')?.objects.set(key, theirs)
    const { objects: listed, prefixes } = await objects.list({ prefix: 'others/' })
    expect([listed.map(({ key }) => key), prefixes]).toEqual([['others/fine'], []])
    expect((await objects.list({ prefix: 'others/', delimiter: '/' })).prefixes).toEqual([])
    const head = await objects.head('others/fine')
    expect(head).toEqual({
      key: 'others/fine',
      sizeBytes: 6,
      etag: 'abc',
      contentType: 'text/plain',
      metadata: {},
      modifiedAt: new Date(0),
    })
  })

  test('deletes a thousand keys with one request', async () => {
    const keys = Array.from({ length: 1001 }, (_, index) => `many/${index}`)
    const before = fake.requests.length
    await open().delete(...keys)
    expect(fake.requests.slice(before)).toEqual(['POST /bucket/?delete=', 'POST /bucket/?delete='])
  })

  test('what cannot be deleted is named, and all else is gone', async () => {
    const objects = open()
    await Promise.all(['lock/a', 'lock/b', 'lock/c'].map((key) => objects.put(key, '')))
    fake.buckets.get('bucket')?.locked.add('lock/b')
    const refused = { name: 'DeleteFailed', keys: ['lock/b'], message: expect.stringContaining('locked') as string }
    await expect(objects.delete('lock/a', 'lock/b', 'lock/c')).rejects.toMatchObject(refused)
    expect((await objects.list({ prefix: 'lock/' })).objects.map(({ key }) => key)).toEqual(['lock/b'])
  })

  test('parts below the least of S3 are refused at once', () => {
    expect(() => open({ partSizeBytes: 1024 })).toThrow('at least 5242880')
  })
})
