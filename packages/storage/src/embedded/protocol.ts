/**
 * Framing of the PostgreSQL wire protocol, version 3
 * (https://www.postgresql.org/docs/18/protocol-message-formats.html).
 */

/** A message that breaks the protocol or a limit. It ends the client that sent it. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export type Message = { type: string; bytes: Buffer }

const headerBytes = 5
/** What PostgreSQL itself allows for messages that carry no more than a name. */
export const shortMessageBytes = 10_000
const shortTypes = 'CDEHSXcfp'
const frontendTypes = 'BCDEFHPQSXcdfp'

export const int16 = (value: number) => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const cstring = (text: string) => Buffer.from(`${text}\0`)

export function encode(type: string, ...parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4)
  return Buffer.concat([Buffer.from(type), int32(length), ...parts])
}

export const encodeQuery = (sql: string) => encode('Q', cstring(sql))

export const sync = encode('S')

/** An error after which the connection is closed. `code` is a SQLSTATE. */
export const encodeError = (code: string, message: string) =>
  encode('E', ...['SFATAL', 'VFATAL', `C${code}`, `M${message}`, ''].map(cstring))

/** The text before the next zero byte of `bytes` and the offset behind it. */
export function readCString(bytes: Buffer, offset: number): [text: string, next: number] {
  const end = bytes.indexOf(0, offset)
  if (end < 0) throw new ProtocolError('08P01', 'invalid message: a text without its end')
  return [bytes.toString('utf8', offset, end), end + 1]
}

/** The columns of a DataRow in text format. */
export function readRow(message: Buffer): (string | null)[] {
  let offset = headerBytes + 2
  return Array.from({ length: message.readInt16BE(headerBytes) }, () => {
    const length = message.readInt32BE(offset)
    const start = offset + 4
    offset = start + Math.max(length, 0)
    return length < 0 ? null : message.toString('utf8', start, offset)
  })
}

/** Field `field` (one letter) of an ErrorResponse, for example `M` for the message. */
export function readErrorField(message: Buffer, field: string): string | undefined {
  for (let offset = headerBytes; offset < message.length && message[offset] !== 0;) {
    const name = String.fromCharCode(message[offset] ?? 0)
    const [text, next] = readCString(message, offset + 1)
    if (name === field) return text
    offset = next
  }
  return undefined
}

/** Puts a byte stream back into messages. Bytes are joined once per message, however small the pieces they come in. */
export function createFrameReader() {
  let chunks: Buffer[] = []
  let sizeBytes = 0

  const peek = (length: number): Buffer | undefined => {
    if (sizeBytes < length) return undefined
    if ((chunks[0]?.length ?? 0) < length) chunks = [Buffer.concat(chunks)]
    return chunks[0]
  }
  const take = (length: number): Buffer | undefined => {
    const head = peek(length)
    if (!head) return undefined
    if (head.length === length) chunks.shift()
    else chunks[0] = head.subarray(length)
    sizeBytes -= length
    return head.subarray(0, length)
  }
  const check = (length: number, least: number, most: number) => {
    if (length < least) throw new ProtocolError('08P01', `invalid message length ${length}`)
    if (length > most)
      throw new ProtocolError('54000', `a message of ${length} bytes is over the limit of ${most} bytes`)
  }

  return {
    push(chunk: Buffer) {
      if (chunk.length === 0) return
      chunks.push(chunk)
      sizeBytes += chunk.length
    },
    /** The start-up packet, which has a length but no type, when all of it is there. */
    nextStartup(): Buffer | undefined {
      const length = peek(4)?.readInt32BE(0)
      if (length === undefined) return undefined
      check(length, 8, shortMessageBytes)
      return take(length)
    },
    /** The next message when all of it is there. Without `maxBytes` the sender is trusted, as only the server is. */
    next(maxBytes?: number): Message | undefined {
      const head = peek(headerBytes)
      if (!head) return undefined
      const type = String.fromCharCode(head[0] ?? 0)
      const length = head.readInt32BE(1)
      if (maxBytes !== undefined) {
        if (!frontendTypes.includes(type)) throw new ProtocolError('08P01', `invalid message type ${head[0]}`)
        check(length, 4, shortTypes.includes(type) ? Math.min(shortMessageBytes, maxBytes) : maxBytes)
      }
      const bytes = take(length + 1)
      return bytes && { type, bytes }
    },
  }
}
