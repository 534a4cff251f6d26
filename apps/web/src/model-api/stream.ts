import type { ServerResponse } from 'node:http'
import { DomainError } from '@dayshift/domain/errors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ModelCall } from './call.ts'
import { spentNames } from './spent.ts'

/** A reader who takes nothing for so long is gone: the model's place is needed. */
const UNREAD_MS = 60_000

class ServerStops extends DomainError {
  override name = 'ServerStops'
  readonly code = 'unavailable'
}

export interface TextStream {
  contentType: string
  headers: Record<string, string>
  /** Whole lines or events. */
  chunks: AsyncGenerator<string, void>
  /** What is said of an error when the answer has begun. */
  lastWords: (error: unknown) => string
  /** Asked when all chunks are sent. */
  trailers: () => Record<string, string>
}

/**
 * Sends chunks as they come, no faster than they are read. An error before the first one is thrown, so that it gets a status
 * of its own; later the stream ends with its last words.
 */
export async function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { abort }: ModelCall,
  { contentType, headers, chunks, lastWords, trailers }: TextStream,
): Promise<void> {
  const { streams } = request.server
  const end = (): void => abort(new ServerStops('The server is stopping. Ask again in a minute.'))
  streams.add(end)
  try {
    let next = await chunks.next()
    reply.hijack()
    const { raw } = reply
    // Trailers need chunks, which HTTP/1.0 has not.
    const canTrail = request.raw.httpVersion !== '1.0'
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      ...headers,
      ...(canTrail && { trailer: spentNames }),
      'content-type': contentType,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': request.id,
    })
    try {
      for (; !next.done && !raw.destroyed; next = await chunks.next()) await write(raw, next.value)
      if (canTrail) raw.addTrailers(trailers())
    } catch (error) {
      const words = lastWords(error)
      if (!raw.destroyed) raw.write(words)
    }
    raw.end()
  } finally {
    streams.delete(end)
    // Leaves the loop over the model's answer, which stops the model.
    await chunks.return()
  }
}

function write(raw: ServerResponse, chunk: string): Promise<void> | void {
  if (raw.write(chunk) || raw.destroyed) return
  return new Promise((resolve) => {
    const timer = setTimeout(() => raw.destroy(), UNREAD_MS)
    const go = (): void => {
      clearTimeout(timer)
      raw.off('drain', go).off('close', go)
      resolve()
    }
    raw.on('drain', go).on('close', go)
  })
}
