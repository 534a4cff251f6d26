import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ObjectStore } from './object-store.ts'
import { STORES, type OpenStore } from './testing/stores.ts'

const MEBIBYTE = 1024 * 1024
// SHA-256 of "hello", from sha256sum.
const HELLO_SHA256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

describe.each(STORES)('objects in $name', ({ open }) => {
  let store: OpenStore
  let objects: ObjectStore

  beforeAll(async () => {
    store = await open()
    objects = store.objects
  })
  afterAll(() => store.close())
  beforeEach(({ task, skip }) => {
    const difference = store.differs?.get(task.name)
    if (difference !== undefined) skip(difference)
  })

  const getText = async (key: string) => Buffer.from((await objects.get(key)).bytes).toString()
  const readStream = async (key: string, range: Parameters<ObjectStore['stream']>[1]) => {
    const { body, ...rest } = await objects.stream(key, range)
    return { ...rest, text: await text(body) }
  }

  describe('put and get', () => {
    test('what was put comes back with its description', async () => {
      const before = Date.now()
      const metadata = { 'x-origin': 'a feed, twice', n: '1' }
      const put = await objects.put('put/hello.txt', 'hello', { contentType: 'text/plain; charset=utf-8', metadata })
      expect(put).toMatchObject({ key: 'put/hello.txt', sizeBytes: 5, sha256: HELLO_SHA256 })
      const { bytes, ...head } = await objects.get('put/hello.txt')
      expect(Buffer.from(bytes).toString()).toBe('hello')
      const { modifiedAt, ...rest } = head
      const { etag } = put
      const contentType = 'text/plain; charset=utf-8'
      expect(rest).toEqual({ key: 'put/hello.txt', sizeBytes: 5, etag, sha256: HELLO_SHA256, contentType, metadata })
      expect(Math.abs(modifiedAt.getTime() - before)).toBeLessThan(5000)
      expect(await objects.head('put/hello.txt')).toEqual(head)
    })

    test('an object without bytes is an object', async () => {
      await objects.put('put/empty', new Uint8Array())
      const { bytes, contentType, metadata } = await objects.get('put/empty')
      expect([bytes.byteLength, contentType, metadata]).toEqual([0, 'application/octet-stream', {}])
      expect((await readStream('put/empty', {})).text).toBe('')
    })

    test('put replaces the object and all of its description', async () => {
      const first = await objects.put('put/twice', 'one', { contentType: 'text/plain', metadata: { a: '1' } })
      const second = await objects.put('put/twice', 'two')
      expect(second.etag).not.toBe(first.etag)
      expect(await objects.get('put/twice')).toMatchObject({ contentType: 'application/octet-stream', metadata: {} })
      expect(await getText('put/twice')).toBe('two')
    })

    test('a stream of unknown length is stored whole', async () => {
      const put = await objects.put(
        'put/stream',
        Readable.from([Buffer.from('hel'), Buffer.from(''), Buffer.from('lo')]),
      )
      expect(put).toMatchObject({ sizeBytes: 5, sha256: HELLO_SHA256 })
      expect(await objects.get('put/stream')).toMatchObject({ sizeBytes: 5, sha256: HELLO_SHA256 })
    })

    test('a stream of 11 MiB is stored whole', async () => {
      const bytes = randomBytes(11 * MEBIBYTE)
      const pieces = Array.from({ length: 11 }, (_, index) => bytes.subarray(index * MEBIBYTE, (index + 1) * MEBIBYTE))
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const put = await objects.put('put/large', Readable.from(pieces), { contentType: 'a/b', metadata: { a: '1' } })
      expect(put).toMatchObject({ sizeBytes: bytes.length, sha256 })
      expect(await objects.head('put/large')).toMatchObject({
        contentType: 'a/b',
        metadata: { a: '1' },
        etag: put.etag,
      })
      expect(Buffer.compare((await objects.get('put/large')).bytes, bytes)).toBe(0)
      expect(Buffer.compare(await buffer((await objects.stream('put/large')).body), bytes)).toBe(0)
      expect(await store.countLeftovers()).toBe(0)
    })

    test('large bytes are stored whole', async () => {
      const bytes = randomBytes(6 * MEBIBYTE)
      const { sha256 } = await objects.put('put/large-bytes', bytes)
      expect((await objects.head('put/large-bytes')).sha256).toBe(sha256)
      expect(Buffer.compare((await objects.get('put/large-bytes')).bytes, bytes)).toBe(0)
    })

    test('a stream that fails leaves the old object and no leftovers', async () => {
      await objects.put('put/failing', 'old')
      async function* failing(mebibytes: number) {
        for (let count = 0; count < mebibytes; count++) yield Buffer.alloc(MEBIBYTE)
        throw new Error('the source broke')
      }
      await expect(objects.put('put/failing', failing(0))).rejects.toThrow('the source broke')
      await expect(objects.put('put/failing', failing(7))).rejects.toThrow('the source broke')
      expect(await getText('put/failing')).toBe('old')
      expect(await store.countLeftovers()).toBe(0)
    })

    test('a stream that gives text in place of bytes is refused', async () => {
      const body = Readable.from(['text']) as AsyncIterable<Uint8Array>
      await expect(objects.put('put/text', body)).rejects.toThrow(TypeError)
      expect(await objects.find('put/text')).toBeUndefined()
    })

    test('an absent object is not found', async () => {
      const error = { name: 'ObjectNotFound', key: 'put/absent' }
      await expect(objects.get('put/absent')).rejects.toMatchObject(error)
      await expect(objects.head('put/absent')).rejects.toMatchObject(error)
      await expect(objects.stream('put/absent')).rejects.toMatchObject(error)
      await expect(objects.copy('put/absent', 'put/other')).rejects.toMatchObject(error)
      expect(await objects.find('put/absent')).toBeUndefined()
      expect(await objects.find('put/hello.txt')).toMatchObject({ sizeBytes: 5 })
    })

    test('damaged bytes are found out, not given out', async () => {
      await objects.put('put/damaged', 'hello')
      await store.damage('put/damaged')
      const error = { name: 'ObjectCorrupt', key: 'put/damaged' }
      await expect(objects.get('put/damaged')).rejects.toMatchObject(error)
      await expect(objects.find('put/damaged')).rejects.toMatchObject(error)
      await expect(readStream('put/damaged', {})).rejects.toMatchObject(error)
    })
  })

  describe('put under conditions', () => {
    test('ifAbsent stores the first and refuses the second', async () => {
      await objects.put('if/new', 'first', { ifAbsent: true })
      await expect(objects.put('if/new', 'second', { ifAbsent: true })).rejects.toMatchObject({
        name: 'ObjectExists',
        key: 'if/new',
      })
      expect(await getText('if/new')).toBe('first')
    })

    test('ifAbsent holds for a large stream, which leaves nothing behind', async () => {
      await objects.put('if/large', 'first')
      const body = Readable.from(Array.from({ length: 6 }, () => Buffer.alloc(MEBIBYTE)))
      await expect(objects.put('if/large', body, { ifAbsent: true })).rejects.toMatchObject({ name: 'ObjectExists' })
      expect(await getText('if/large')).toBe('first')
      expect(await store.countLeftovers()).toBe(0)
    })

    test('of many at once with ifAbsent exactly one is stored', async () => {
      const puts = Array.from({ length: 20 }, (_, index) => objects.put('if/race', `${index}`, { ifAbsent: true }))
      const results = await Promise.allSettled(puts)
      const winner = results.findIndex(({ status }) => status === 'fulfilled')
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await getText('if/race')).toBe(`${winner}`)
    })

    test('the right checksum passes, in either case of letters', async () => {
      await objects.put('sum/right', 'hello', { sha256: HELLO_SHA256.toUpperCase() })
      await objects.put('sum/right', Readable.from([Buffer.from('hello')]), { sha256: HELLO_SHA256 })
      expect((await objects.head('sum/right')).sha256).toBe(HELLO_SHA256)
    })

    test.each([
      ['bytes', () => 'hallo'],
      ['a short stream', () => Readable.from([Buffer.from('hallo')])],
      ['a long stream', () => Readable.from(Array.from({ length: 7 }, () => Buffer.alloc(MEBIBYTE)))],
    ])('with a wrong checksum %s are not stored', async (_, makeBody) => {
      await objects.put('sum/wrong', 'old')
      const put = objects.put('sum/wrong', makeBody(), { sha256: HELLO_SHA256 })
      await expect(put).rejects.toMatchObject({ name: 'ChecksumMismatch' })
      expect(await getText('sum/wrong')).toBe('old')
      expect(await store.countLeftovers()).toBe(0)
    })
  })

  describe('ranges', () => {
    beforeAll(() => objects.put('range', '0123456789'))

    test.each([
      [{ start: 2, end: 4 }, '234', { start: 2, end: 4 }],
      [{ start: 7 }, '789', { start: 7, end: 9 }],
      [{ start: 8, end: 99 }, '89', { start: 8, end: 9 }],
      [{ start: 9, end: 9 }, '9', { start: 9, end: 9 }],
      [{ last: 3 }, '789', { start: 7, end: 9 }],
      [{ last: 99 }, '0123456789', { start: 0, end: 9 }],
    ])('%j gives %s', async (range, text, contentRange) => {
      expect(await readStream('range', { range })).toMatchObject({ text, contentRange, sizeBytes: 10, key: 'range' })
    })

    test.each([
      { start: 10 },
      { start: 10, end: 12 },
      { start: 4, end: 3 },
      { start: -1 },
      { start: 0.5 },
      { last: 0 },
    ])('%j is not satisfiable', async (range) => {
      await expect(objects.stream('range', { range })).rejects.toMatchObject({ name: 'RangeNotSatisfiable' })
    })

    test('an empty object has no range', async () => {
      await objects.put('range-empty', '')
      await expect(objects.stream('range-empty', { range: { start: 0 } })).rejects.toMatchObject({
        name: 'RangeNotSatisfiable',
      })
      await expect(objects.stream('range-empty', { range: { last: 1 } })).rejects.toMatchObject({
        name: 'RangeNotSatisfiable',
      })
    })

    test('a stream without range has no content range and can be left early', async () => {
      const stream = await objects.stream('range')
      expect(stream.contentRange).toBeUndefined()
      stream.body.destroy()
    })
  })

  describe('copy and delete', () => {
    test('a copy has the bytes, type and metadata, and stands alone', async () => {
      await objects.put('copy/a b+ü%41.txt', 'hello', { contentType: 'text/plain', metadata: { a: '1' } })
      await objects.put('copy/to', 'old')
      await objects.copy('copy/a b+ü%41.txt', 'copy/to')
      await objects.delete('copy/a b+ü%41.txt')
      const copied = { contentType: 'text/plain', metadata: { a: '1' }, sha256: HELLO_SHA256 }
      expect(await objects.get('copy/to')).toMatchObject(copied)
      await objects.copy('copy/to', 'copy/to')
      expect(await getText('copy/to')).toBe('hello')
    })

    test('delete takes many, and what is absent', async () => {
      const keys = Array.from({ length: 1001 }, (_, index) => `delete/${index}`)
      await Promise.all(keys.slice(0, 20).map((key) => objects.put(key, '')))
      await objects.put('delete/0/below', 'stays')
      await objects.delete(...keys)
      await objects.delete()
      const { objects: left } = await objects.list({ prefix: 'delete' })
      expect(left.map(({ key }) => key)).toEqual(['delete/0/below'])
    })
  })

  describe('keys', () => {
    const hard = [
      'keys/ü/ñ 日本 🦊',
      'keys/Case',
      'keys/case',
      'keys/ leading and trailing ',
      'keys/a+b&c=d?e#f%20%2F',
      `keys/'"<>|*:\\~!()[]{}^\``,
      'keys/con',
      'keys/nul.txt',
      'keys/dots...',
      'keys/.hidden',
      'keys/%2e%2e/x',
      'keys/e\u0301',
      'keys/\u00e9',
      `keys/${'long'.repeat(100)}`,
      `keys/${'long'.repeat(100)}/below`,
      `keys/${'ü'.repeat(509)}`,
    ]

    test.each(hard)('%s is kept apart from all others', async (key) => {
      await objects.put(key, key)
      expect(await getText(key)).toBe(key)
    })

    test('all of them are listed as they are, in the order of their bytes', async () => {
      const { objects: listed } = await objects.list({ prefix: 'keys/' })
      expect(listed.map(({ key }) => key)).toEqual(
        hard.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      )
      for (const { key } of listed) expect(await getText(key)).toBe(key)
    })

    test.each([
      ['', 'empty'],
      ['/a', 'begins with a slash'],
      ['a/', 'ends with a slash'],
      ['a//b', 'empty segment'],
      ['..', 'segment ".."'],
      ['a/../b', 'segment ".."'],
      ['./a', 'segment "."'],
      ['a\nb', 'control character'],
      ['a\u0000b', 'control character'],
      ['a\u007f', 'control character'],
      ['\ud800', 'well-formed'],
      ['ü'.repeat(513), '1026 bytes'],
    ])('%j is refused everywhere', async (key, reason) => {
      const calls = [
        objects.put(key, ''),
        objects.get(key),
        objects.find(key),
        objects.head(key),
        objects.stream(key),
        objects.copy(key, 'a'),
        objects.copy('range', key),
        objects.delete('range', key),
        objects.sign(key, { method: 'GET', expiresInS: 1 }),
      ]
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { name: 'InvalidKey' } })
        expect(result.status === 'rejected' && result.reason.message).toContain(reason)
      }
      expect(await objects.find('range')).toBeDefined()
    })
  })

  test.each([
    { contentType: 'text/plain\r\nx: y' },
    { contentType: '' },
    { metadata: { Upper: 'a' } },
    { metadata: { sha256: 'a' } },
    { metadata: { a: 'ü' } },
    { metadata: { a: ' a' } },
    { metadata: { a: '' } },
    { metadata: { a: 'x'.repeat(1900) } },
    { sha256: 'abc' },
  ])('put refuses %j', async (options) => {
    await expect(objects.put('refused', '', options)).rejects.toMatchObject({ name: 'InvalidOption' })
    expect(await objects.find('refused')).toBeUndefined()
  })

  test('put takes metadata up to its limit', async () => {
    const metadata = { a: 'x'.repeat(1899) }
    await objects.put('metadata', '', { metadata })
    expect((await objects.head('metadata')).metadata).toEqual(metadata)
  })
})
