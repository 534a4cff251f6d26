import { createHash, randomBytes } from 'node:crypto'

/** A new secret of 256 random bits, in characters that are safe in an address. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What we keep of a secret. It has 256 random bits, so a plain hash is enough. */
export const secretSha256 = (secret: string): string => createHash('sha256').update(secret).digest('hex')
