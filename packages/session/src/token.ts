import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits in base64url: 43 characters (RFC 4648 §5, no padding). */
export function createSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** 128 random bits in base64url: 22 characters. A name, not a secret. */
export function createId(): string {
  return randomBytes(16).toString('base64url')
}

/** SHA-256 of the text in base64url. Secrets of 256 random bits need no slow hash. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** Compares two results of hashText in constant time. */
export function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
