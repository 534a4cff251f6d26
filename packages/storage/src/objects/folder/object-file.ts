import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { ObjectCorrupt, ObjectNotFound } from '../errors.ts'
import type { ObjectHead } from '../object-store.ts'

/*
 * An object's file: its bytes, then what is known of them as JSON, then 24 ASCII characters: `objmeta1`, the length
 * of the JSON and its CRC-32, each as 8 hex digits. One file and not two, because only one name can be replaced at
 * once; behind the bytes and not before, because their checksum is known last.
 */
const MAGIC = 'objmeta1'
const TRAILER_BYTES = 24
const TAIL_BYTES = 4096
// Longer than the longest key, content type and metadata can make it.
const MAX_FOOTER_BYTES = 32 * 1024

interface Footer extends Omit<ObjectHead, 'modifiedAt' | 'etag'> {
  sha256: string
  modifiedAt: string
}

interface FolderHead extends ObjectHead {
  sha256: string
}

export function encodeFooter(head: Omit<FolderHead, 'etag'>): Buffer {
  const json = Buffer.from(JSON.stringify({ ...head, modifiedAt: head.modifiedAt.toISOString() } satisfies Footer))
  return Buffer.concat([json, Buffer.from(`${MAGIC}${hex8(json.length)}${hex8(crc32(json))}`)])
}

export interface OpenObject {
  head: FolderHead
  file: FileHandle
}

/** Opens an object for reading; the caller closes the file. Throws ObjectNotFound, ObjectCorrupt. */
export async function openObject(path: string, key: string): Promise<OpenObject> {
  const file = await openFile(path, key)
  try {
    return { file, head: await readHead(file, key) }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openFile(path: string, key: string): Promise<FileHandle> {
  try {
    // Not blocking, or a pipe in the place of an object would hang the reader. Windows has neither flag.
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw toObjectError(error, key)
  }
}

/** What a failed system call on an object's path means for the object. */
function toObjectError(error: unknown, key: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return new ObjectNotFound(key)
  if (code === 'ELOOP') return new ObjectCorrupt(key, 'a symbolic link is in its place')
  return error
}

async function readHead(file: FileHandle, key: string): Promise<FolderHead> {
  const stats = await file.stat()
  if (!stats.isFile()) throw new ObjectCorrupt(key, 'what is in its place is not a file')
  const tail = await readTail(file, stats.size, Math.min(stats.size, TAIL_BYTES))
  const trailer = tail.subarray(-TRAILER_BYTES).toString('latin1')
  const [, length = '', checksum = ''] = /^objmeta1([0-9a-f]{8})([0-9a-f]{8})$/.exec(trailer) ?? []
  const footerBytes = Number.parseInt(length, 16) + TRAILER_BYTES
  if (!length || footerBytes > Math.min(stats.size, MAX_FOOTER_BYTES))
    throw new ObjectCorrupt(key, 'its file has no valid end')
  const footer =
    footerBytes <= tail.length ? tail.subarray(-footerBytes) : await readTail(file, stats.size, footerBytes)
  const json = footer.subarray(0, -TRAILER_BYTES)
  if (hex8(crc32(json)) !== checksum) throw new ObjectCorrupt(key, 'the description at the end of its file is altered')
  const { modifiedAt, ...known } = JSON.parse(json.toString()) as Footer
  const sizeBytes = stats.size - footerBytes
  if (known.sizeBytes !== sizeBytes) {
    throw new ObjectCorrupt(key, `it has ${sizeBytes} bytes, it was stored with ${known.sizeBytes}`)
  }
  if (known.key !== key) throw new ObjectCorrupt(key, `its file is that of ${JSON.stringify(known.key)}`)
  return { ...known, etag: etagOf(known.sha256), modifiedAt: new Date(modifiedAt) }
}

/** Half of the SHA-256, as long as the etags of S3. */
export function etagOf(sha256: string): string {
  return sha256.slice(0, 32)
}

async function readTail(file: FileHandle, fileBytes: number, tailBytes: number): Promise<Buffer> {
  return readBytes(file, fileBytes - tailBytes, tailBytes)
}

/** Reads exactly so many bytes, or fewer when the file ends before. */
export async function readBytes(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0')
}
