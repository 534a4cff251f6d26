import { describe, expect, test } from 'vitest'
import { decodeAwsChunked } from './aws-chunked.ts'

describe('the aws-chunked framing', () => {
  const decode = (body: string, changed: Record<string, string> = {}) => {
    const headers = {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': '5',
      'x-amz-trailer': 'x-amz-checksum-crc32',
      ...changed,
    }
    return decodeAwsChunked(Buffer.from(body), new Map(Object.entries(headers)))
  }
  const body = '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n'

  test('comes off, the trailer apart', () => {
    const { bytes, trailers } = decode(body)
    expect([bytes.toString(), [...trailers]]).toEqual(['hello', [['x-amz-checksum-crc32', 'NhCmhg==']]])
  })

  test('may have several chunks when all but the last are large enough', () => {
    const large = 'x'.repeat(8192)
    const chunks = `2000\r\n${large}\r\n1\r\ny\r\n0\r\n\r\n`
    expect(decode(chunks, { 'x-amz-trailer': '', 'x-amz-decoded-content-length': '8193' }).bytes.toString()).toBe(
      `${large}y`,
    )
  })

  test.each([
    ['a size that is too small', body.replace('5', '4'), {}, 'IncompleteBody'],
    ['a size that is too large', body.replace('5', '6'), {}, 'IncompleteBody'],
    ['no framing at all', 'hello', {}, 'IncompleteBody'],
    ['no last chunk', '5\r\nhello\r\n', {}, 'IncompleteBody'],
    ['another length than declared', body, { 'x-amz-decoded-content-length': '6' }, 'IncompleteBody'],
    ['small chunks', '1\r\nh\r\n4\r\nello\r\n0\r\n\r\n', {}, 'InvalidChunkSizeError'],
    ['a trailer that was not announced', body, { 'x-amz-trailer': '' }, 'MalformedTrailerError'],
    ['an announced trailer that is missing', '5\r\nhello\r\n0\r\n\r\n', {}, 'MalformedTrailerError'],
    ['a content-encoding that does not say so', body, { 'content-encoding': 'gzip' }, 'InvalidRequest'],
  ])('with %s is refused', (_, framed, changed, code) => {
    expect(() => decode(framed, changed)).toThrow(expect.objectContaining({ code }))
  })
})
