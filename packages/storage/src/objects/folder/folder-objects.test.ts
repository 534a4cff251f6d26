import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toFileNames } from './file-names.ts'
import { createFolderObjects, type FolderObjects } from './folder-objects.ts'

describe('objects in a folder', () => {
  const signingSecret = 'a secret for tests, long enough now'
  let base: string
  let folder: string
  let objects: FolderObjects
  const pathOf = (key: string) => join(folder, 'objects', ...toFileNames(key))
  const open = (options: { publicUrl?: string; signingSecret?: string; folder?: string } = {}) =>
    createFolderObjects({ folder, signingSecret, publicUrl: 'http://localhost:3000/objects', ...options })
  const corrupt = (key: string, reason: string) => ({
    name: 'ObjectCorrupt',
    key,
    message: expect.stringContaining(reason) as string,
  })

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'objects-folder-'))
    folder = join(base, 'a', 'b')
    objects = await open()
  })
  afterEach(() => rm(base, { recursive: true }))

  test('are still there when it is opened again, also by another name', async () => {
    await objects.put('a/b', 'hello')
    await symlink(folder, join(base, 'link'))
    const again = await open({ folder: join(base, 'link') })
    expect(await text((await again.stream('a/b')).body)).toBe('hello')
  })

  test('a file begins with the bytes of its object', async () => {
    await objects.put('a', 'hello')
    expect((await readFile(pathOf('a'), 'latin1')).startsWith('hello{"key":"a"')).toBe(true)
  })

  test('deleting the last object of a directory removes the directory', async () => {
    await objects.put('a/b/c/d', '')
    await objects.put('a/e', '')
    await objects.delete('a/b/c/d')
    expect(await readdir(join(folder, 'objects', 'd-a'))).toEqual(['o-e'])
    await objects.delete('a/e')
    expect(await readdir(join(folder, 'objects'))).toEqual([])
  })

  test('a delete that empties a directory does not trip a put into it', async () => {
    const work = ['x', 'y', 'z'].map(async (name) => {
      for (let round = 0; round < 100; round++) {
        await objects.put(`a/b/c/${name}`, 'x')
        await objects.delete(`a/b/c/${name}`)
      }
      await objects.put(`a/b/c/${name}`, 'last')
    })
    await Promise.all(work)
    expect((await objects.list()).objects).toHaveLength(3)
  })

  describe('damage', () => {
    test.each([
      ['cut short', (path: string) => truncate(path, 20), 'no valid end'],
      ['emptied', (path: string) => truncate(path, 0), 'no valid end'],
      ['appended to', (path: string) => appendFile(path, 'more'), 'no valid end'],
      ['another file', (path: string) => writeFile(path, 'x'.repeat(5000)), 'no valid end'],
    ])('of a file that was %s is found', async (_, damage, reason) => {
      await objects.put('a', 'hello')
      await damage(pathOf('a'))
      await expect(objects.get('a')).rejects.toMatchObject(corrupt('a', reason))
      await expect(objects.head('a')).rejects.toMatchObject(corrupt('a', reason))
      await expect(objects.stream('a', { range: { start: 0, end: 1 } })).rejects.toMatchObject(corrupt('a', reason))
      await expect(objects.copy('a', 'b')).rejects.toMatchObject(corrupt('a', reason))
    })

    test('of the description is found', async () => {
      await objects.put('a', 'hello', { contentType: 'text/plain' })
      const bytes = await readFile(pathOf('a'), 'latin1')
      await writeFile(pathOf('a'), bytes.replace('text/plain', 'text/flame'))
      await expect(objects.head('a')).rejects.toMatchObject(corrupt('a', 'description'))
      // Bytes taken from the middle leave the description as it was.
      await writeFile(pathOf('a'), bytes.replace('hello', 'hell'))
      await expect(objects.head('a')).rejects.toMatchObject(corrupt('a', 'it has 4 bytes'))
    })

    test('of a name is found: the file of another object', async () => {
      await objects.put('a', 'hello')
      await rename(pathOf('a'), pathOf('b'))
      await expect(objects.get('b')).rejects.toMatchObject(corrupt('b', 'that of "a"'))
    })

    test('does not hinder a copy from being refused, a list, a delete, or a new put', async () => {
      await objects.put('a', 'hello')
      await objects.put('b', 'hello')
      await writeFile(pathOf('a'), 'damaged')
      expect((await objects.list()).objects).toMatchObject([
        { key: 'a', sizeBytes: 0, etag: '' },
        { key: 'b', sizeBytes: 5 },
      ])
      await objects.put('a', 'new')
      expect((await objects.get('a')).sizeBytes).toBe(3)
      await writeFile(pathOf('a'), 'damaged')
      await expect(objects.put('a', 'x', { ifAbsent: true })).rejects.toMatchObject({ name: 'ObjectExists' })
      await objects.delete('a')
      expect(await objects.find('a')).toBeUndefined()
    })
  })

  describe('symbolic links', () => {
    test('in the place of an object are not followed', async () => {
      const secret = join(base, 'secret')
      await objects.put('a/b', 'hello')
      await rename(pathOf('a/b'), secret)
      await symlink(secret, pathOf('a/b'))
      await expect(objects.get('a/b')).rejects.toMatchObject(corrupt('a/b', 'symbolic link'))
      expect((await objects.list()).objects).toEqual([])
      const before = await readFile(secret)
      await objects.put('a/b', 'new')
      expect((await objects.get('a/b')).sizeBytes).toBe(3)
      expect(await readFile(secret)).toEqual(before)
    })

    test('in the place of a directory are not followed', async () => {
      const elsewhere = join(base, 'elsewhere')
      await mkdir(elsewhere)
      await symlink(elsewhere, dirname(pathOf('a/b')))
      for (const call of [
        objects.put('a/b', 'x'),
        objects.put('a/b/c', 'x'),
        objects.get('a/b'),
        objects.delete('a/b'),
      ]) {
        await expect(call).rejects.toMatchObject({ name: 'ObjectCorrupt' })
      }
      expect(await readdir(elsewhere)).toEqual([])
      expect(await objects.list({ delimiter: '/' })).toEqual({ objects: [], prefixes: [] })
    })
  })

  test('files of others and unfinished writes are not listed', async () => {
    await objects.put('a', '')
    await writeFile(join(folder, 'objects', '.DS_Store'), '')
    await writeFile(join(folder, 'objects', 'o-Upper'), '')
    await writeFile(join(folder, 'tmp', '1-unfinished'), '')
    await mkdir(join(folder, 'objects', 'd-empty', 'd-inner'), { recursive: true })
    await mkdir(join(folder, 'objects', 'o-directory'))
    expect((await objects.list()).objects.map(({ key }) => key)).toEqual(['a'])
    expect(await objects.list({ delimiter: '/' })).toMatchObject({ objects: [{ key: 'a' }], prefixes: [] })
  })

  describe('a signed URL', () => {
    const sign = () => objects.sign('a/ü b', { method: 'GET', expiresInS: 60, downloadName: 'ü.txt' })

    test('is verified whole, from its path on, and behind a proxy', async () => {
      const url = await sign()
      const { pathname, search } = new URL(url)
      for (const one of [url, pathname + search, `https://example.org${pathname}${search}`]) {
        expect(objects.verifySignedUrl(one, 'GET')).toMatchObject({
          key: 'a/ü b',
          method: 'GET',
          downloadName: 'ü.txt',
        })
      }
    })

    test('of another secret, path or form is refused', async () => {
      const url = await sign()
      const other = await open({ signingSecret: 'b'.repeat(32) })
      const elsewhere = await open({ publicUrl: 'http://localhost:3000/other' })
      const refused = { name: 'SignedUrlRefused', reason: 'invalid' }
      expect(() => other.verifySignedUrl(url, 'GET')).toThrow(expect.objectContaining(refused))
      expect(() => elsewhere.verifySignedUrl(url, 'GET')).toThrow(expect.objectContaining(refused))
      const broken = [
        '',
        'http://',
        '/objects/a',
        '/objects/%ff?expires=1&method=GET&signature=x',
        url.replace('method=GET', 'method=PUT'),
        url.replace('a/', 'a//'),
        `${url}&name=evil.exe`,
        url.replace(/expires=(\d+)/, 'expires=$1.0'),
        url.replace(/expires=(\d+)/, 'expires=0$1').replace('a/', 'b/'),
      ]
      for (const one of broken)
        expect(() => objects.verifySignedUrl(one, 'GET')).toThrow(expect.objectContaining(refused))
      expect(() => objects.verifySignedUrl(url, 'HEAD')).toThrow(expect.objectContaining(refused))
    })

    test('that has expired says so only when it was good', async () => {
      const past = await createFolderObjects({
        folder,
        signingSecret,
        publicUrl: 'http://localhost:3000/objects',
        now: () => 0,
      })
      const url = await past.sign('a', { method: 'PUT', expiresInS: 60 })
      expect(past.verifySignedUrl(url, 'PUT').expiresAt).toEqual(new Date(60_000))
      const expired = { name: 'SignedUrlRefused', reason: 'expired' }
      expect(() => objects.verifySignedUrl(url, 'PUT')).toThrow(expect.objectContaining(expired))
      const forged = url.replace('/a?', '/b?')
      expect(() => objects.verifySignedUrl(forged, 'PUT')).toThrow(expect.objectContaining({ reason: 'invalid' }))
    })
  })

  test('a short secret or an address that is none is refused', async () => {
    await expect(open({ signingSecret: 'short' })).rejects.toMatchObject({ name: 'InvalidOption' })
    await expect(open({ publicUrl: '/objects' })).rejects.toMatchObject({ name: 'InvalidOption' })
  })
})
