/*
 * A key is a path below the folder: one directory for each segment but the last, one file for the last.
 *   d-<segment>   a directory, all keys that go on after a slash
 *   o-<segment>   an object
 *   c-<64 bytes>  a directory, all segments that begin with these bytes (no file system allows endless names)
 * The letter in front lets `a` and `a/b` stand side by side and keeps names like `con` from meaning a device. Bytes
 * other than a-z 0-9 _ - and inner dots are %xx, so that names differ even where case or accents do not count.
 */
const CHUNK_BYTES = 64
const ESCAPED = /[^a-z0-9_.-]|\.$/g

export type EntryKind = 'folder' | 'object' | 'continued'

interface Entry {
  kind: EntryKind
  /** The bytes of the key that this name stands for, with the slash of a folder. */
  bytes: Buffer
}

/** The names of the directories below the root, then that of the file. The key is checked already. */
export function toFileNames(key: string): string[] {
  const segments = key.split('/').map((segment) => Buffer.from(segment))
  const last = segments.length - 1
  return segments.flatMap((segment, index) => toNames(segment, index === last ? 'o-' : 'd-'))
}

function toNames(segment: Buffer, kind: 'o-' | 'd-'): string[] {
  const names: string[] = []
  let rest = segment
  // A full chunk always goes on, even with nothing: so no name is a prefix of another one beside it, and names
  // sorted by their bytes (folders with their slash) come in the order of the keys below them.
  while (rest.length >= CHUNK_BYTES) {
    names.push(`c-${encode(rest.subarray(0, CHUNK_BYTES))}`)
    rest = rest.subarray(CHUNK_BYTES)
  }
  return [...names, kind + encode(rest)]
}

/** What a name in the folder stands for; undefined for a name that this store never writes. */
export function findEntry(name: string, isDirectory: boolean): Entry | undefined {
  const bytes = decode(name.slice(2))
  if (encode(bytes) !== name.slice(2)) return undefined
  const tooLong = bytes.length >= CHUNK_BYTES
  if (name.startsWith('o-') && !isDirectory && !tooLong) return { kind: 'object', bytes }
  if (name.startsWith('d-') && isDirectory && !tooLong) return { kind: 'folder', bytes: Buffer.concat([bytes, SLASH]) }
  if (name.startsWith('c-') && isDirectory && bytes.length === CHUNK_BYTES) return { kind: 'continued', bytes }
  return undefined
}

const SLASH = Buffer.from('/')

function encode(bytes: Buffer): string {
  return bytes.toString('latin1').replace(ESCAPED, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function decode(text: string): Buffer {
  return Buffer.from(
    text.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}
