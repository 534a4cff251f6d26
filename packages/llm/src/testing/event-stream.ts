import { crc32 } from 'node:zlib'

const STRING = 7

/**
 * One frame of `application/vnd.amazon.eventstream`: total length, length of the headers, CRC-32 of those eight bytes, headers,
 * payload, CRC-32 of everything before. All numbers are big-endian.
 * Source: the AWS specification "Amazon event stream encoding"; header type 7 is a string.
 */
export function encodeFrame(headers: Record<string, string>, payload: Uint8Array): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)))
  const frame = Buffer.alloc(16 + head.length + payload.length)
  frame.writeUInt32BE(frame.length, 0)
  frame.writeUInt32BE(head.length, 4)
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8)
  head.copy(frame, 12)
  frame.set(payload, 12 + head.length)
  frame.writeUInt32BE(crc32(frame.subarray(0, -4)), frame.length - 4)
  return frame
}

function encodeHeader(name: string, value: string): Buffer {
  const text = Buffer.from(value)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length)
  return Buffer.concat([Buffer.of(Buffer.byteLength(name)), Buffer.from(name), Buffer.of(STRING), length, text])
}

const toPayload = (json: unknown): Uint8Array => Buffer.from(JSON.stringify(json))

/** An event, such as `contentBlockDelta`. */
export const eventFrame = (type: string, json: unknown): Buffer =>
  encodeFrame({ ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' }, toPayload(json))

/** A modelled failure in mid-stream, such as `throttlingException`. */
export const exceptionFrame = (type: string, json: unknown): Buffer =>
  encodeFrame(
    { ':message-type': 'exception', ':exception-type': type, ':content-type': 'application/json' },
    toPayload(json),
  )

/** A failure in mid-stream that the service's model does not name. */
export const errorFrame = (code: string, message: string): Buffer =>
  encodeFrame({ ':message-type': 'error', ':error-code': code, ':error-message': message }, Buffer.alloc(0))
