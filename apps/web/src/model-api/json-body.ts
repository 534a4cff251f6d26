import type { FastifyInstance } from 'fastify'

/** Pictures come inside the JSON. */
export const MOST_BODY_BYTES = 32 * 1_048_576

/** Clients of these APIs name any type or none for their JSON: the handler gets the bytes. */
export function takeAnyBody(api: FastifyInstance): void {
  api.removeAllContentTypeParsers()
  api.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

/** The JSON of the body; undefined when there is no body. @throws SyntaxError */
export function jsonOf(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined
  return JSON.parse(body.toString('utf8'))
}
