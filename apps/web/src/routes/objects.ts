import { Readable } from 'node:stream'
import { Conflict, Invalid, NotAllowed, NotFound, TooLarge } from '@dayshift/domain/errors'
import {
  type ByteRange,
  contentDisposition,
  InvalidOption,
  ObjectConflict,
  ObjectNotFound,
  RangeNotSatisfiable,
  SignedUrlRefused,
} from '@dayshift/storage/objects'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebParts } from '../parts.ts'
import { problem, sendProblem } from '../plugins/errors.ts'

const MOST_BYTES = 100 * 1_048_576

/** What is served here came from elsewhere: it is saved, never shown, and could do nothing if it were. */
const harmless = {
  'content-security-policy': "sandbox; default-src 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, no-cache',
}

const config = { access: 'public' } as const
const schema = { hide: true, params: z.object({ '*': z.string() }) }

/** Signed URLs of the objects in a folder, as S3 serves its own. Public: the signature is the proof. */
export const objects: FastifyPluginAsyncZod<Pick<WebParts, 'signedObjects'>> = async (api, { signedObjects }) => {
  if (!signedObjects) return
  api.removeAllContentTypeParsers()
  api.addContentTypeParser('*', (_request, body, done) => done(null, body))

  api.get(
    '/*',
    {
      config,
      schema: { ...schema, response: { 200: z.any(), 206: z.any(), 304: z.any() } },
      compress: false,
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const { key, downloadName } = await inHttp(() => signedObjects.verifySignedUrl(request.url, request.method))
      const head = await inHttp(() => signedObjects.head(key))
      const etag = `"${head.etag}"`
      reply.headers({
        ...harmless,
        etag,
        'accept-ranges': 'bytes',
        'content-type': head.contentType,
        'content-disposition': contentDisposition(downloadName ?? key.split('/').at(-1) ?? 'file'),
      })
      if (request.headers['if-none-match'] === etag) return reply.status(304).send()
      const range = readRange(request, etag)
      try {
        const { body, contentRange, sizeBytes } = await inHttp(() => signedObjects.stream(key, { range }))
        if (!contentRange) return await reply.header('content-length', sizeBytes).send(body)
        const { start, end } = contentRange
        return await reply
          .status(206)
          .headers({ 'content-range': `bytes ${start}-${end}/${sizeBytes}`, 'content-length': end - start + 1 })
          .send(body)
      } catch (error) {
        if (!(error instanceof RangeNotSatisfiable)) throw error
        reply
          .removeHeader('content-disposition')
          .removeHeader('etag')
          .header('content-range', `bytes */${head.sizeBytes}`)
        return sendProblem(reply, problem(request, 'range-not-satisfiable', `The object has ${head.sizeBytes} bytes.`))
      }
    },
  )

  api.put(
    '/*',
    { config, schema: { ...schema, body: z.any(), response: { 204: z.null() } } },
    async (request, reply) => {
      const { key } = await inHttp(() => signedObjects.verifySignedUrl(request.url, request.method))
      // What is left of a refused upload is not read: the connection ends with the answer.
      reply.header('connection', 'close')
      if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) throw tooLarge()
      const body = request.body instanceof Readable ? upTo(MOST_BYTES, request.body) : ''
      const { etag } = await inHttp(() =>
        signedObjects.put(key, body, { contentType: request.headers['content-type'] }),
      )
      return reply.status(204).header('etag', `"${etag}"`).send(null)
    },
  )
}

const tooLarge = () => new TooLarge(`An object of at most ${MOST_BYTES} bytes was expected.`)

/** The body, not destroyed when it is too large: the connection is needed to say so. */
async function* upTo(mostBytes: number, body: Readable): AsyncGenerator<Uint8Array, void> {
  let bytes = 0
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > mostBytes) throw tooLarge()
    yield chunk
  }
}

/** One range of bytes (RFC 9110 §14.1.2). Several, or one of another state of the object, mean the whole. */
function readRange({ headers }: FastifyRequest, etag: string): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (headers['if-range'] !== undefined && headers['if-range'] !== etag) return undefined
  if (first === '') return { last: Number(last) }
  return { start: Number(first), ...(last !== '' && { end: Number(last) }) }
}

/** Says the store's errors in the words that the web translates. */
async function inHttp<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SignedUrlRefused) throw new NotAllowed(error.message)
    if (error instanceof ObjectNotFound) throw new NotFound('object', error.key)
    if (error instanceof ObjectConflict) throw new Conflict(error.message)
    if (error instanceof InvalidOption) throw new Invalid(error.message)
    throw error
  }
}
