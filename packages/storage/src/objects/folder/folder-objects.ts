import { lstat, mkdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { checkStored, measureBody, verifyStream } from '../body.ts'
import {
  checkKey,
  checkList,
  checkPut,
  checkRange,
  checkSign,
  DEFAULT_CONTENT_TYPE,
  findKeyFault,
  invalid,
} from '../checks.ts'
import { ObjectCorrupt, ObjectExists, ObjectNotFound, orAbsent, RangeNotSatisfiable } from '../errors.ts'
import type { ByteRange, ListedObject, ListOptions, ObjectBody, ObjectPage } from '../object-store.ts'
import type { ObjectBytes, ObjectHead, ObjectStore, ObjectStream, PutOptions } from '../object-store.ts'
import { toFileNames } from './file-names.ts'
import { encodeFooter, etagOf, openObject, readBytes, type OpenObject } from './object-file.ts'
import { signUrl, verifyUrl, type SignedRequest } from './signed-url.ts'
import { walk, type Found } from './walk.ts'
import { checkFolders, publish, removeFile, removeLeftovers, writeTemporary } from './write.ts'

export interface FolderObjectsOptions {
  /** Made when absent. Several processes may share it; it must be on one file system, with hard links. */
  folder: string
  /** At least 32 characters; whoever has it can sign URLs. */
  signingSecret: string
  /** Where the web serves signed URLs, e.g. `http://localhost:3000/objects`. */
  publicUrl: string
  /** Milliseconds since 1970; for tests. */
  now?: () => number
}

export interface FolderObjects extends ObjectStore {
  /** What a signed URL (whole, or path and query) grants to a request with this method. Throws SignedUrlRefused. */
  verifySignedUrl(url: string, method: string): SignedRequest
}

/** Opens the objects in a folder; removes what crashed writers left there more than an hour ago. */
export async function createFolderObjects(options: FolderObjectsOptions): Promise<FolderObjects> {
  const { signingSecret, publicUrl, now = Date.now } = options
  if (signingSecret.length < 32) throw invalid('signingSecret', 'at least 32 characters', `${signingSecret.length}`)
  if (!URL.canParse(publicUrl)) throw invalid('publicUrl', 'an absolute URL', publicUrl)
  await mkdir(join(options.folder, 'objects'), { recursive: true })
  await mkdir(join(options.folder, 'tmp'), { recursive: true })
  const folder = await realpath(options.folder)
  const [root, temporaries] = [join(folder, 'objects'), join(folder, 'tmp')]
  await removeLeftovers(temporaries, now())

  async function locate(key: string): Promise<string> {
    checkKey(key)
    const path = join(root, ...toFileNames(key))
    await checkFolders(root, dirname(path), key)
    return path
  }

  async function openKey(key: string): Promise<OpenObject> {
    return openObject(await locate(key), key)
  }

  async function put(key: string, body: ObjectBody, options: PutOptions = {}) {
    checkPut(options)
    const { contentType = DEFAULT_CONTENT_TYPE, metadata = {}, ifAbsent = false } = options
    const target = await locate(key)
    // Spares the work; what counts is `publish`.
    if (ifAbsent && (await isTaken(target))) throw new ObjectExists(key)
    const { chunks, measure } = measureBody(key, body, options.sha256)
    const temporary = await writeTemporary(temporaries, async (file) => {
      await file.writeFile(chunks)
      await file.writeFile(encodeFooter({ key, ...measure(), contentType, metadata, modifiedAt: new Date(now()) }))
    })
    await publish({ root, temporary, target, key, ifAbsent })
    const { sizeBytes, sha256 } = measure()
    return { key, sizeBytes, sha256, etag: etagOf(sha256) }
  }

  async function get(key: string): Promise<ObjectBytes> {
    const { file, head } = await openKey(key)
    await using _ = file
    const bytes = await readBytes(file, 0, head.sizeBytes)
    checkStored(key, head.sha256, bytes)
    return { ...head, bytes }
  }

  async function head(key: string): Promise<ObjectHead> {
    const { file, head } = await openKey(key)
    await file.close()
    return head
  }

  return {
    put,
    get,
    head,
    find: (key) => orAbsent(get(key)),
    async stream(key, { range } = {}) {
      checkKey(key)
      if (range) checkRange(key, range)
      return streamObject(await openKey(key), range)
    },
    async list(options = {}) {
      checkList(options)
      return listPage(root, options)
    },
    async copy(from, to) {
      checkKey(to)
      if (from === to) return void (await head(from))
      const { body, contentType, metadata } = streamObject(await openKey(from))
      await put(to, body, { contentType, metadata })
    },
    async delete(...keys) {
      for (const key of keys) checkKey(key)
      for (const key of keys) await removeFile(root, await locate(key))
    },
    async sign(key, options) {
      checkKey(key)
      checkSign(options)
      return signUrl(signingSecret, publicUrl, key, options, now())
    },
    verifySignedUrl: (url, method) => verifyUrl(signingSecret, publicUrl, url, method, now()),
    close: () => undefined,
  }
}

async function isTaken(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch {
    return false
  }
}

function streamObject({ file, head }: OpenObject, range?: ByteRange): ObjectStream {
  const resolved = range && resolveRange(range, head.sizeBytes)
  if (range && !resolved) {
    void file.close()
    throw new RangeNotSatisfiable(head.key, range)
  }
  const { start, end } = resolved ?? { start: 0, end: head.sizeBytes - 1 }
  if (end < start) {
    void file.close()
    return { ...head, body: Readable.from([]) }
  }
  const source = file.createReadStream({ start, end })
  if (!resolved) return { ...head, body: verifyStream(head.key, source, head.sha256) }
  return { ...head, body: source, contentRange: resolved }
}

/** RFC 9110 §14.1.2: an end beyond the object is its last byte; undefined when no byte is selected. */
function resolveRange(range: ByteRange, sizeBytes: number): { start: number; end: number } | undefined {
  const start = 'last' in range ? Math.max(0, sizeBytes - range.last) : range.start
  const end = 'last' in range ? sizeBytes - 1 : Math.min(range.end ?? sizeBytes - 1, sizeBytes - 1)
  return start <= end ? { start, end } : undefined
}

async function listPage(
  root: string,
  { prefix, delimiter, after, cursor, limit = 1000 }: ListOptions,
): Promise<ObjectPage> {
  const begin = cursor === undefined ? after : decodeCursor(cursor)
  const page: Found[] = []
  let isMore = false
  for await (const found of walk(root, { prefix, after: begin, rollUp: delimiter !== undefined })) {
    isMore = page.length === limit
    if (isMore) break
    page.push(found)
  }
  const last = page.at(-1)
  const prefixes = page.flatMap((found) => ('prefix' in found ? [found.prefix] : []))
  const objects: ListedObject[] = []
  for (const found of page) {
    const listed = 'key' in found && (await describe(found.key, found.path))
    if (listed) objects.push(listed)
  }
  return { objects, prefixes, ...(isMore && last && { cursor: encodeCursor('key' in last ? last.key : last.prefix) }) }
}

/** A damaged object is listed with size 0 and an empty etag, so that it can be found and deleted. */
async function describe(key: string, path: string): Promise<ListedObject | undefined> {
  try {
    const { file, head } = await openObject(path, key)
    await file.close()
    return { key, sizeBytes: head.sizeBytes, etag: head.etag, modifiedAt: head.modifiedAt }
  } catch (error) {
    if (error instanceof ObjectCorrupt) return { key, sizeBytes: 0, etag: '', modifiedAt: new Date(0) }
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}

function encodeCursor(last: string): string {
  return Buffer.from(`after:${last}`).toString('base64url')
}

function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  const last = text.slice('after:'.length)
  const isOurs = text.startsWith('after:') && !findKeyFault(last.replace(/\/$/, ''))
  if (!isOurs || encodeCursor(last) !== cursor) throw invalid('cursor', 'the cursor of a page before', cursor)
  return last
}
