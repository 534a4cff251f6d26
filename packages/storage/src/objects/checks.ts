import { InvalidKey, InvalidOption, RangeNotSatisfiable } from './errors.ts'
import type { ByteRange, ListOptions, PutOptions, SignOptions } from './object-store.ts'

const MAX_KEY_BYTES = 1024
// S3 allows 2 KB of user metadata; the rest is for our own checksum.
const MAX_METADATA_BYTES = 1900
const MAX_EXPIRY_S = 7 * 24 * 3600
export const DEFAULT_CONTENT_TYPE = 'application/octet-stream'
/** The metadata name under which the S3 driver keeps the checksum. */
export const SHA256_NAME = 'sha256'

// Control characters, and the two code points that XML 1.0 cannot carry in a listing.
const UNPRINTABLE = /[\p{Cc}\ufffe\uffff]/u

/** Says what is wrong with a key, or undefined. The rules are those that S3 and every file system can keep. */
export function findKeyFault(key: string): string | undefined {
  if (key === '') return 'it is empty'
  if (!key.isWellFormed()) return 'it is not well-formed Unicode'
  const sizeBytes = Buffer.byteLength(key)
  if (sizeBytes > MAX_KEY_BYTES) return `it has ${sizeBytes} bytes, at most ${MAX_KEY_BYTES} are allowed`
  if (UNPRINTABLE.test(key)) return 'it has a control character'
  if (key.startsWith('/')) return 'it begins with a slash'
  if (key.endsWith('/')) return 'it ends with a slash'
  const segment = key.split('/').find((segment) => segment === '' || segment === '.' || segment === '..')
  if (segment !== undefined) return segment === '' ? 'it has an empty segment' : `it has a segment "${segment}"`
  return undefined
}

export function checkKey(key: string): void {
  const fault = findKeyFault(key)
  if (fault) throw new InvalidKey(`${JSON.stringify(key.slice(0, 200))} is not a key of an object: ${fault}.`)
}

export function checkPut({ contentType, metadata = {}, sha256 }: PutOptions): void {
  if (contentType !== undefined && !/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(contentType)) {
    throw invalid('contentType', 'up to 255 printable ASCII characters', contentType)
  }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) throw invalid('sha256', '64 hex digits', sha256)
  let sizeBytes = 0
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || name === SHA256_NAME) {
      throw invalid('metadata name', `a-z, 0-9 and hyphen, other than "${SHA256_NAME}"`, name)
    }
    if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) || value.includes('  ')) {
      throw invalid(`metadata value of "${name}"`, 'printable ASCII with single spaces inside', value)
    }
    sizeBytes += name.length + value.length
  }
  if (sizeBytes > MAX_METADATA_BYTES)
    throw invalid('metadata', `at most ${MAX_METADATA_BYTES} bytes`, `${sizeBytes} bytes`)
}

export function checkList({ prefix = '', delimiter, after, cursor, limit = 1000 }: ListOptions): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw invalid('limit', 'a whole number from 1 to 1000', limit)
  if (delimiter !== undefined && delimiter !== '/') throw invalid('delimiter', '"/"', delimiter)
  if (UNPRINTABLE.test(prefix) || !prefix.isWellFormed()) throw invalid('prefix', 'no control character', prefix)
  if (Buffer.byteLength(prefix) > MAX_KEY_BYTES) throw invalid('prefix', `at most ${MAX_KEY_BYTES} bytes`, prefix)
  if (after === undefined) return
  checkKey(after)
  // What S3 lists for start-after below a common prefix is not written down; a cursor has only one meaning.
  if (delimiter !== undefined) throw invalid('after', 'no delimiter beside it', after)
  if (cursor !== undefined) throw invalid('after', 'no cursor beside it', after)
}

export function checkSign({ method, expiresInS, downloadName }: SignOptions): void {
  if (method !== 'GET' && method !== 'PUT') throw invalid('method', 'GET or PUT', method)
  if (!Number.isInteger(expiresInS) || expiresInS < 1 || expiresInS > MAX_EXPIRY_S) {
    throw invalid('expiresInS', `a whole number from 1 to ${MAX_EXPIRY_S}`, expiresInS)
  }
  if (downloadName === undefined) return
  if (method !== 'GET') throw invalid('downloadName', 'the method GET beside it', downloadName)
  if (!/^[^/\\]{1,200}$/.test(downloadName) || UNPRINTABLE.test(downloadName) || !downloadName.isWellFormed()) {
    throw invalid('downloadName', '1 to 200 characters, no slash, no control character', downloadName)
  }
}

export function checkRange(key: string, range: ByteRange): void {
  const [start, end] = 'last' in range ? [0, range.last - 1] : [range.start, range.end ?? range.start]
  const fits = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start
  if (!fits) throw new RangeNotSatisfiable(key, range)
}

export function invalid(option: string, expected: string, actual: unknown): InvalidOption {
  return new InvalidOption(`Invalid ${option}: expected ${expected}, got ${JSON.stringify(actual)?.slice(0, 200)}.`)
}
