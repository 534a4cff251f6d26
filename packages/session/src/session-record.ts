import { z } from 'zod'
import { createSecret, hashText, sameHash } from './token.ts'

/** What is stored of a session: plain JSON. The token itself is not. */
export const sessionRecord = z.object({
  id: z.string(),
  userId: z.string(),
  tokenHash: z.string(),
  createdAtMs: z.number(),
  lastSeenAtMs: z.number(),
  data: z.unknown(),
})
export type SessionRecord = z.infer<typeof sessionRecord>

/**
 * A token is the id of its session, a dot, and a secret of 256 random bits. The id is found in the token, so that the
 * secret can be changed without moving the session.
 */
export function createToken(id: string): string {
  return `${id}.${createSecret()}`
}

export function sessionIdOf(token: string): string | undefined {
  return /^([\w-]{22})\.[\w-]{43}$/.exec(token)?.[1]
}

export function isTokenOf(record: SessionRecord, token: string): boolean {
  return sameHash(record.tokenHash, hashText(token))
}
