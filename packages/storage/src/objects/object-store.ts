import type { Readable } from 'node:stream'

export type ObjectBody = Uint8Array | string | AsyncIterable<Uint8Array>

export interface PutOptions {
  /** A media type; application/octet-stream when absent. */
  contentType?: string | undefined
  /** Names of a-z, 0-9 and hyphen (not `sha256`), values of printable ASCII, together at most 1,900 bytes. */
  metadata?: Record<string, string> | undefined
  /** Throws ObjectExists instead of replacing an object. */
  ifAbsent?: boolean | undefined
  /** 64 hex digits. When the bytes have another SHA-256, ChecksumMismatch is thrown and nothing is stored. */
  sha256?: string | undefined
}

export interface StoredObject {
  key: string
  sizeBytes: number
  /** Opaque, without quotes; changes whenever the bytes change. */
  etag: string
  /** Of the whole object, 64 hex digits; absent when whoever stored it did not know it beforehand. */
  sha256?: string
}

export interface ObjectHead extends StoredObject {
  contentType: string
  metadata: Record<string, string>
  /** Whole seconds on S3. */
  modifiedAt: Date
}

export interface ObjectBytes extends ObjectHead {
  bytes: Uint8Array
}

/** Byte positions from 0, `end` inclusive as in HTTP; or the last so many bytes. */
export type ByteRange = { start: number; end?: number | undefined } | { last: number }

export interface ObjectStream extends ObjectHead {
  /** Destroy it when it is not read to its end. Fails with ObjectCorrupt at the end when a whole object is damaged. */
  body: Readable
  /** The bytes that `body` has, when a range was asked for; `sizeBytes` stays that of the whole object. */
  contentRange?: { start: number; end: number }
}

export interface ListOptions {
  prefix?: string | undefined
  /** Objects below a further slash are given as one prefix, which ends in that slash. */
  delimiter?: '/' | undefined
  /** Only keys that come after this one; not together with `delimiter`. */
  after?: string | undefined
  /** `cursor` of the page before, asked for with the same other options. */
  cursor?: string | undefined
  /** Objects and prefixes on a page, 1 to 1,000; 1,000 when absent. */
  limit?: number | undefined
}

export interface ListedObject {
  key: string
  sizeBytes: number
  etag: string
  modifiedAt: Date
}

export interface ObjectPage {
  objects: ListedObject[]
  prefixes: string[]
  /** Absent on the last page. */
  cursor?: string
}

export interface SignOptions {
  method: 'GET' | 'PUT'
  /** 1 second to 7 days. */
  expiresInS: number
  /** The file name under which a browser saves what it gets; only with GET. */
  downloadName?: string | undefined
}

/**
 * Objects under keys, the same on S3 and in a folder: 1 to 1,024 bytes of UTF-8, segments between slashes, no control
 * character, no empty, `.` or `..` segment. Every function throws InvalidKey for another key and InvalidOption for
 * an option out of its bounds, before anything is done. An object is replaced as a whole or not at all.
 */
export interface ObjectStore {
  /** Throws ObjectExists, ObjectConflict, ChecksumMismatch. */
  put(key: string, body: ObjectBody, options?: PutOptions): Promise<StoredObject & { sha256: string }>
  /** Throws ObjectNotFound, ObjectCorrupt. */
  get(key: string): Promise<ObjectBytes>
  /** Throws ObjectCorrupt. */
  find(key: string): Promise<ObjectBytes | undefined>
  /** Throws ObjectNotFound, ObjectCorrupt, RangeNotSatisfiable. */
  stream(key: string, options?: { range?: ByteRange | undefined }): Promise<ObjectStream>
  /** Throws ObjectNotFound, ObjectCorrupt. */
  head(key: string): Promise<ObjectHead>
  /** In the order of the keys' UTF-8 bytes. Keys that this store would refuse, put there by others, are left out. */
  list(options?: ListOptions): Promise<ObjectPage>
  /** Replaces `to` by the bytes, content type and metadata of `from`. Throws ObjectNotFound, ObjectCorrupt. */
  copy(from: string, to: string): Promise<void>
  /** What is absent already is fine. Throws DeleteFailed. */
  delete(...keys: string[]): Promise<void>
  /** A URL that lets its bearer get, or put, this one object until it expires. The object need not exist. */
  sign(key: string, options: SignOptions): Promise<string>
  /** Closes idle connections; the store is not to be used afterwards. */
  close(): void
}
