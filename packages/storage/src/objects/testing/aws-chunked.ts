import { S3Refusal } from './s3-refusal.ts'

/** The least that every chunk but the last must have, from "Signature calculations: transferring payload in chunks". */
const MIN_CHUNK_BYTES = 8192

interface Unchunked {
  bytes: Buffer
  /** Lower-case names. */
  trailers: Map<string, string>
}

/**
 * Takes the framing of `STREAMING-UNSIGNED-PAYLOAD-TRAILER` off a body: chunks `<hex size>CRLF<data>CRLF`, one of
 * size 0 without data, then the trailers that `x-amz-trailer` announced, each with CRLF, and an empty line.
 */
export function decodeAwsChunked(body: Buffer, headers: ReadonlyMap<string, string>): Unchunked {
  const encodings = (headers.get('content-encoding') ?? '').split(',').map((encoding) => encoding.trim())
  if (!encodings.includes('aws-chunked'))
    throw new S3Refusal('InvalidRequest', 'The content-encoding is not aws-chunked')
  const { chunks, end } = readChunks(body)
  const bytes = Buffer.concat(chunks)
  const declared = headers.get('x-amz-decoded-content-length')
  if (declared === undefined) throw new S3Refusal('MissingContentLength', 'There is no x-amz-decoded-content-length')
  if (Number(declared) !== bytes.length) {
    throw new S3Refusal('IncompleteBody', `The body has ${bytes.length} bytes, ${declared} were declared`)
  }
  return { bytes, trailers: readTrailers(body.subarray(end).toString('latin1'), headers.get('x-amz-trailer')) }
}

function readChunks(body: Buffer): { chunks: Buffer[]; end: number } {
  const chunks: Buffer[] = []
  let position = 0
  for (;;) {
    const lineEnd = body.indexOf('\r\n', position)
    const size = body.subarray(position, Math.max(lineEnd, position)).toString('latin1')
    if (!/^[0-9a-f]{1,8}$/i.test(size)) throw new S3Refusal('IncompleteBody', `"${size.slice(0, 40)}" is no chunk size`)
    const length = Number.parseInt(size, 16)
    const start = lineEnd + 2
    if (length === 0) return { chunks, end: start }
    const last = chunks.at(-1)
    if (last && last.length < MIN_CHUNK_BYTES) {
      throw new S3Refusal('InvalidChunkSizeError', `Only the last chunk may have fewer than ${MIN_CHUNK_BYTES} bytes`)
    }
    if (body.subarray(start + length, start + length + 2).toString('latin1') !== '\r\n') {
      throw new S3Refusal('IncompleteBody', 'A chunk does not end where its size says')
    }
    chunks.push(body.subarray(start, start + length))
    position = start + length + 2
  }
}

function readTrailers(text: string, announced = ''): Map<string, string> {
  if (!text.endsWith('\r\n')) throw new S3Refusal('IncompleteBody', 'The body ends before its trailers do')
  const trailers = new Map<string, string>()
  for (const line of text.split('\r\n').filter((line) => line !== '')) {
    const [name = '', value] = line.split(/:(.*)/s)
    if (value === undefined) throw new S3Refusal('MalformedTrailerError', `"${line}" is no trailer`)
    trailers.set(name.trim().toLowerCase(), value.trim())
  }
  const names = announced
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  if (names.toSorted().join() !== [...trailers.keys()].toSorted().join()) {
    throw new S3Refusal(
      'MalformedTrailerError',
      `The trailers are ${[...trailers.keys()].join()}, announced: ${announced}`,
    )
  }
  return trailers
}
