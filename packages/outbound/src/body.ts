import { pipeline } from 'node:stream'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

import { OutboundFailed, OutboundRefused, quote } from './errors.ts'

/** `maxRatio` is decoded bytes for each byte of the wire; the first megabyte is free of it. */
export type BodyLimits = { maxWireBytes: number; maxBodyBytes: number; maxRatio: number }

export const acceptedEncodings = 'gzip, br'

const ratioFreeBytes = 1_000_000

const decoders: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** The decoder that a Content-Encoding asks for, if any. Throws OutboundRefused for two codings or an unknown one. */
export function findDecoder(contentEncoding: string | undefined): (() => Transform) | undefined {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (codings.length === 0) return undefined
  const decoder = codings.length === 1 && Object.hasOwn(decoders, codings[0]!) ? decoders[codings[0]!] : undefined
  if (decoder === undefined) {
    throw new OutboundRefused(
      'encoding',
      `expected at most one coding of ${acceptedEncodings}, got ${quote(codings.join(', '))}`,
    )
  }
  return decoder
}

/**
 * Reads a body within its caps and decodes it. `onChunk` is called for each piece that came from the wire.
 * Throws OutboundFailed `too-big`, `ratio` or `decode`; an error of the stream itself is passed on.
 */
export async function readBody(
  wire: Readable,
  createDecoder: (() => Transform) | undefined,
  limits: BodyLimits,
  onChunk: () => void,
): Promise<{ body: Uint8Array; wireBytes: number }> {
  let wireBytes = 0
  let sizeBytes = 0
  const chunks: Uint8Array[] = []

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of wire as AsyncIterable<Uint8Array>) {
      onChunk()
      wireBytes += chunk.length
      if (wireBytes > limits.maxWireBytes) throw tooBig('transferred', limits.maxWireBytes)
      yield chunk
    }
  }

  async function* decoded(decoder: Transform): AsyncGenerator<Uint8Array> {
    // The same error comes out of the iteration below.
    pipeline(counted, decoder, () => undefined)
    try {
      yield* decoder as AsyncIterable<Uint8Array>
    } catch (error) {
      // An empty body is no valid stream of any coding, but servers do send one with the header.
      if (isDecodingError(error) && wireBytes === 0) return
      if (!isDecodingError(error)) throw error
      const message = 'expected a body in its stated coding, got bytes that do not decode'
      throw new OutboundFailed('decode', message, { cause: error })
    }
  }

  for await (const chunk of createDecoder === undefined ? counted() : decoded(createDecoder())) {
    sizeBytes += chunk.length
    if (sizeBytes > limits.maxBodyBytes) throw tooBig('decoded', limits.maxBodyBytes)
    if (sizeBytes > ratioFreeBytes && sizeBytes > wireBytes * limits.maxRatio) {
      const found = `${sizeBytes} bytes out of ${wireBytes}`
      throw new OutboundFailed('ratio', `expected a body packed at most ${limits.maxRatio} times, got ${found}`)
    }
    chunks.push(chunk)
  }
  return { body: joined(chunks, sizeBytes), wireBytes }
}

export function tooBig(what: string, maxBytes: number): OutboundFailed {
  return new OutboundFailed('too-big', `expected at most ${maxBytes} ${what} bytes, got more`)
}

/** Codes of zlib, and of brotli as Node writes them. */
function isDecodingError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:Z_|ERR__)/.test(String(error.code))
}

/** Memory of its own: a pooled Buffer would take its neighbours along when it is sent to a thread. */
function joined(chunks: Uint8Array[], sizeBytes: number): Uint8Array {
  const body = new Uint8Array(sizeBytes)
  let offset = 0
  for (const chunk of chunks) {
    body.set(chunk, offset)
    offset += chunk.length
  }
  return body
}
