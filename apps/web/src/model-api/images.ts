import type { ImagePart } from '@dayshift/llm'

/** The first twelve bytes in hexadecimal. */
const beginnings: [ImagePart['format'], RegExp][] = [
  ['png', /^89504e470d0a1a0a/],
  ['jpeg', /^ffd8ff/],
  // GIF87a, GIF89a
  ['gif', /^47494638(?:37|39)61/],
  // RIFF, the length, WEBP
  ['webp', /^52494646.{8}57454250/],
]

/** A picture by its first bytes; undefined when it is none that models take. */
export function imageOf(bytes: Buffer): ImagePart | undefined {
  const beginning = bytes.toString('hex', 0, 12)
  const format = beginnings.find(([, pattern]) => pattern.test(beginning))?.[0]
  return format && { type: 'image', format, bytes }
}

/** Bytes of standard base64 (RFC 4648 §4), padded or not; undefined when it is none. */
export function bytesOf(base64: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(base64) && base64.length % 4 !== 1 ? Buffer.from(base64, 'base64') : undefined
}
