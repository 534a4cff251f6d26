import { LlmAnswerInvalid } from '../errors.ts'

const NEWLINE = 0x0a

/**
 * The lines of a stream of bytes, without the blank ones; the last needs no end. Bytes are cut, not characters, so that a
 * character in two pieces stays whole. @throws LlmAnswerInvalid for a line longer than `maxBytes`
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
  let begun: Buffer[] = []
  let begunBytes = 0
  const finish = (end: Buffer): string => {
    const line = Buffer.concat([...begun, end]).toString('utf8')
    begun = []
    begunBytes = 0
    return line
  }
  const checkLength = (bytes: number) => {
    if (begunBytes + bytes > maxBytes)
      throw new LlmAnswerInvalid(`A line of the answer has more than ${maxBytes} bytes.`)
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      checkLength(end - start)
      const line = finish(chunk.subarray(start, end))
      start = end + 1
      if (line.trim() !== '') yield line
    }
    const rest = chunk.subarray(start)
    checkLength(rest.length)
    begun.push(rest)
    begunBytes += rest.length
  }
  const last = finish(Buffer.alloc(0))
  if (last.trim() !== '') yield last
}
