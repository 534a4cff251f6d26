import { createHash } from 'node:crypto'
import { pipeline, Transform, type Readable } from 'node:stream'
import { ChecksumMismatch, ObjectCorrupt } from './errors.ts'
import type { ObjectBody } from './object-store.ts'

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

interface MeasuredBody {
  /** Fails with ChecksumMismatch at its end, so that whoever stores it never reaches the commit. */
  chunks: AsyncGenerator<Uint8Array, void>
  /** Of what went through `chunks`; to be read once they are at their end. */
  measure: () => { sizeBytes: number; sha256: string }
}

/** The bytes of a body, counted, and hashed with SHA-256 on their way. */
export function measureBody(key: string, body: ObjectBody, expectedSha256?: string): MeasuredBody {
  const hash = createHash('sha256')
  let sizeBytes = 0
  let sha256 = ''
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of toChunks(body)) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError(`The body of "${key}" gave a ${typeof chunk}, not bytes.`)
      if (chunk.byteLength === 0) continue
      hash.update(chunk)
      sizeBytes += chunk.byteLength
      yield chunk
    }
    sha256 = hash.digest('hex')
    checkSha256(key, expectedSha256, sha256)
  }
  return { chunks: chunks(), measure: () => ({ sizeBytes, sha256 }) }
}

export function checkSha256(key: string, expected: string | undefined, actual: string): void {
  if (expected !== undefined && expected.toLowerCase() !== actual) throw new ChecksumMismatch(key, expected, actual)
}

function toChunks(body: ObjectBody): AsyncIterable<Uint8Array> | Uint8Array[] {
  if (typeof body === 'string') return [Buffer.from(body)]
  return body instanceof Uint8Array ? [body] : body
}

export function checkStored(key: string, expected: string | undefined, bytes: Uint8Array): void {
  const actual = sha256Of(bytes)
  if (expected !== undefined && expected !== actual) throw damaged(key, expected, actual)
}

/** Passes `source` on and fails with ObjectCorrupt in place of the end when the bytes are not those once stored. */
export function verifyStream(
  key: string,
  source: Readable,
  expected: string | undefined,
  toError: (error: Error) => unknown = (error) => error,
): Readable {
  const hash = createHash('sha256')
  const verifier = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (expected !== undefined) hash.update(chunk)
      done(null, chunk)
    },
    flush(done) {
      const actual = hash.digest('hex')
      done(expected === undefined || actual === expected ? null : damaged(key, expected, actual))
    },
  })
  // Before pipeline, which would hand over the source's error as it is.
  source.once('error', (error) => verifier.destroy(toError(error) as Error))
  // Whoever reads the verifier gets the error; nobody else waits for it.
  pipeline(source, verifier, () => undefined)
  return verifier
}

function damaged(key: string, expected: string, actual: string): ObjectCorrupt {
  return new ObjectCorrupt(key, `its SHA-256 is ${actual}, it was stored with ${expected}`)
}
