import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ListOptions, ObjectStore } from './object-store.ts'
import { STORES, type OpenStore } from './testing/stores.ts'

describe.each(STORES)('lists and signed URLs in $name', ({ open }) => {
  let store: OpenStore
  let objects: ObjectStore

  beforeAll(async () => {
    store = await open()
    objects = store.objects
    await Promise.all(TREE.map((key) => objects.put(key, key)))
  })
  afterAll(() => store.close())
  beforeEach(({ task, skip }) => {
    const difference = store.differs?.get(task.name)
    if (difference !== undefined) skip(difference)
  })

  // In the order of UTF-8 bytes: `-` and `.` come before the slash, digits and letters after it, and U+FFxx before
  // U+1Fxxx, which UTF-16 has the other way round.
  const TREE = ['A', 'a', 'a-b', 'a.b', 'a/b', 'a/b/c', 'a/b/d', 'a/c', 'a0', 'b/x/y', 'b/z', 'ｚ', '🦊']

  /** All keys and prefixes, page by page. */
  const listAll = async (options: ListOptions) => {
    const found: { objects: string[]; prefixes: string[]; pages: number } = { objects: [], prefixes: [], pages: 0 }
    let cursor: string | undefined
    do {
      const page = await objects.list({ ...options, cursor, ...(cursor !== undefined && { after: undefined }) })
      const size = page.objects.length + page.prefixes.length
      if (page.cursor !== undefined) expect(size).toBe(options.limit ?? 1000)
      found.objects.push(...page.objects.map(({ key }) => key))
      found.prefixes.push(...page.prefixes)
      found.pages++
      cursor = page.cursor
    } while (cursor !== undefined)
    return found
  }

  describe('list', () => {
    test('gives every object once in the order of the bytes, whatever the page size', async () => {
      for (const limit of [1, 2, 3, 5, 13, 1000]) {
        expect(await listAll({ limit })).toEqual({ objects: TREE, prefixes: [], pages: Math.ceil(13 / limit) })
      }
    })

    test('gives size, etag and time', async () => {
      const { objects: listed } = await objects.list({ prefix: 'a/b/c' })
      const { key, sizeBytes, etag, modifiedAt } = await objects.head('a/b/c')
      expect(listed).toEqual([{ key, sizeBytes, etag, modifiedAt }])
    })

    test.each([
      ['a', ['a', 'a-b', 'a.b', 'a/b', 'a/b/c', 'a/b/d', 'a/c', 'a0']],
      ['a/', ['a/b', 'a/b/c', 'a/b/d', 'a/c']],
      ['a/b', ['a/b', 'a/b/c', 'a/b/d']],
      ['a/b/', ['a/b/c', 'a/b/d']],
      ['a/b/c', ['a/b/c']],
      ['a/b/c/', []],
      ['/', []],
      ['B', []],
    ])('prefix %j', async (prefix, keys) => {
      expect((await listAll({ prefix })).objects).toEqual(keys)
      expect((await listAll({ prefix, limit: 1 })).objects).toEqual(keys)
    })

    test.each([
      ['', ['A', 'a', 'a-b', 'a.b', 'a0', 'ｚ', '🦊'], ['a/', 'b/']],
      ['a', ['a', 'a-b', 'a.b', 'a0'], ['a/']],
      ['a/', ['a/b', 'a/c'], ['a/b/']],
      ['a/b', ['a/b'], ['a/b/']],
      ['b/', ['b/z'], ['b/x/']],
      ['b/x', [], ['b/x/']],
    ])('prefix %j with a delimiter', async (prefix, keys, prefixes) => {
      for (const limit of [1, 2, 1000]) {
        expect(await listAll({ prefix, delimiter: '/', limit })).toMatchObject({ objects: keys, prefixes })
      }
    })

    test.each([
      ['a', undefined, 11],
      ['a/b', undefined, 8],
      ['a/b/cc', undefined, 7],
      ['a/bb', undefined, 6],
      ['a/b', 'a/b', 2],
      ['🦊', undefined, 0],
      ['zzz', 'a', 0],
    ])('after %j with prefix %j', async (after, prefix, count) => {
      const keys = TREE.filter((key) => key.startsWith(prefix ?? '')).slice(-count || TREE.length)
      expect((await listAll({ after, prefix })).objects).toEqual(keys)
      expect((await listAll({ after, prefix, limit: 1 })).objects).toEqual(keys)
    })

    test('a cursor goes on where the page ended, though objects came and went', async () => {
      const { cursor } = await objects.list({ prefix: 'a/', limit: 2 })
      await objects.put('a/a', 'before the cursor')
      await objects.delete('a/b/c')
      await objects.put('a/b/cc', 'after the cursor')
      const { objects: rest } = await objects.list({ prefix: 'a/', cursor })
      expect(rest.map(({ key }) => key)).toEqual(['a/b/cc', 'a/b/d', 'a/c'])
      await objects.delete('a/a', 'a/b/cc')
      await objects.put('a/b/c', 'a/b/c')
    })

    test('what was deleted leaves no prefix', async () => {
      await objects.put('gone/deep/er', '')
      await objects.delete('gone/deep/er')
      expect((await listAll({ delimiter: '/' })).prefixes).toEqual(['a/', 'b/'])
    })

    test.each([
      { limit: 0 },
      { limit: 1001 },
      { limit: 1.5 },
      { prefix: 'a\n' },
      { prefix: 'a'.repeat(1025) },
      { cursor: 'nonsense' },
      { cursor: 'YWZ0ZXI6YS8vYg' },
      { after: 'a', delimiter: '/' as const },
      { after: 'a', cursor: 'YWZ0ZXI6YQ' },
    ])('refuses %j', async (options) => {
      await expect(objects.list(options)).rejects.toMatchObject({ name: 'InvalidOption' })
    })

    test('refuses a key that is none to begin after', async () => {
      await expect(objects.list({ after: 'a//b' })).rejects.toMatchObject({ name: 'InvalidKey' })
    })
  })

  describe('a signed URL', () => {
    const get = async (url: string, init?: RequestInit) => {
      const response = await fetch(url, init)
      return { status: response.status, text: await response.text(), headers: response.headers }
    }

    test('gets the object, under another name if asked', async () => {
      await objects.put('sign/ü b+c%2F.txt', 'hello', { contentType: 'text/x' })
      const plain = await get(await objects.sign('sign/ü b+c%2F.txt', { method: 'GET', expiresInS: 60 }))
      expect(plain).toMatchObject({ status: 200, text: 'hello' })
      expect([plain.headers.get('content-type'), plain.headers.get('content-disposition')]).toEqual(['text/x', null])
      const options = { method: 'GET', expiresInS: 60, downloadName: 'Bericht "März" 100%.txt' } as const
      const named = await get(await objects.sign('sign/ü b+c%2F.txt', options))
      expect(named.headers.get('content-disposition')).toBe(
        `attachment; filename="Bericht _M_rz_ 100_.txt"; filename*=UTF-8''Bericht%20%22M%C3%A4rz%22%20100%25.txt`,
      )
    })

    test('puts an object of any size and type', async () => {
      const url = await objects.sign('sign/put', { method: 'PUT', expiresInS: 60 })
      expect(await get(url, { method: 'PUT', body: 'hello', headers: { 'content-type': 'text/x' } })).toMatchObject({
        status: 200,
      })
      const { bytes, contentType } = await objects.get('sign/put')
      expect([Buffer.from(bytes).toString(), contentType]).toEqual(['hello', 'text/x'])
    })

    test('grants its method only', async () => {
      await objects.put('sign/method', 'old')
      const getUrl = await objects.sign('sign/method', { method: 'GET', expiresInS: 60 })
      const putUrl = await objects.sign('sign/method', { method: 'PUT', expiresInS: 60 })
      expect((await get(getUrl, { method: 'PUT', body: 'new' })).status).toBe(403)
      expect((await get(putUrl)).status).toBe(403)
      expect(Buffer.from((await objects.get('sign/method')).bytes).toString()).toBe('old')
    })

    test('grants nothing when its key, name or a sign of its signature is altered', async () => {
      await objects.put('sign/mine', 'mine')
      await objects.put('sign/other', 'other')
      const url = await objects.sign('sign/mine', { method: 'GET', expiresInS: 60, downloadName: 'mine.txt' })
      expect((await get(url)).status).toBe(200)
      const altered = [
        url.replace('sign/mine', 'sign/other'),
        url.replace('mine.txt', 'evil.exe'),
        url.replace(/(signature=.{5})(.)/i, (_, start, sign) => start + (sign === 'a' ? 'b' : 'a')),
        url.replace(/&?(X-Amz-S|s)ignature=[^&]*/, ''),
        url.replace(/expires=\d+/i, 'expires=99999999999'),
      ]
      expect(new Set(altered).add(url).size).toBe(6)
      for (const one of altered) expect([one, (await get(one)).status >= 400]).toEqual([one, true])
    })

    test('ends when it expires', async () => {
      await objects.put('sign/expires', 'hello')
      const url = await objects.sign('sign/expires', { method: 'GET', expiresInS: 60 })
      store.advance(55_000)
      expect((await get(url)).status).toBe(200)
      store.advance(10_000)
      expect((await get(url)).status).toBe(403)
      store.advance(-65_000)
    })

    test.each([
      { method: 'GET', expiresInS: 0 },
      { method: 'GET', expiresInS: 604_801 },
      { method: 'GET', expiresInS: 1.5 },
      { method: 'DELETE' as 'GET', expiresInS: 60 },
      { method: 'PUT', expiresInS: 60, downloadName: 'a' },
      { method: 'GET', expiresInS: 60, downloadName: '../a' },
      { method: 'GET', expiresInS: 60, downloadName: 'a\r\nx: y' },
      { method: 'GET', expiresInS: 60, downloadName: '' },
    ] as const)('is not made for %j', async (options) => {
      await expect(objects.sign('a', options)).rejects.toMatchObject({ name: 'InvalidOption' })
    })
  })
})
