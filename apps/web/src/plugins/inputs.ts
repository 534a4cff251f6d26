import { Readable } from 'node:stream'
import { Invalid } from '@dayshift/domain/errors'
import plugin from 'fastify-plugin'
import { z } from 'zod'

/** What holds for the input of every route, so that none can forget it. */
export const inputs = plugin((server) => {
  // A form could send text/plain from another site, and no route takes it.
  server.removeContentTypeParser('text/plain')
  // Whoever misspells `limit` shall be told, not given 50.
  server.addHook('onRoute', (route) => {
    if (route.schema && !route.schema.hide) route.schema = { querystring: z.strictObject({}), ...route.schema }
  })
  // PostgreSQL cannot store U+0000, and no name, address or question has it.
  server.addHook('preValidation', async ({ params, query, body }) => {
    for (const part of [params, query, body]) {
      if (holdsNul(part)) throw new Invalid('The request holds the character U+0000.')
    }
  })
  return Promise.resolve()
})

/** Whether a text anywhere in a parsed body has it; not recursive, since a body may be nested a million deep. */
function holdsNul(body: unknown): boolean {
  const left = [body]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string' && value.includes('\0')) return true
    if (typeof value !== 'object' || value === null || value instanceof Readable || ArrayBuffer.isView(value)) continue
    for (const part of Object.values(value)) left.push(part)
  }
  return false
}
