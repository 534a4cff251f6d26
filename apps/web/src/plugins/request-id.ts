import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const plain = /^[\w-]{8,64}$/

/** The id of a request: the caller's own when it is harmless, so that logs of two systems can be joined. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && plain.test(given) ? given : randomUUID()
}
