/**
 * The lines of a text that comes in pieces, cut anywhere. Only `\n` ends a line: JSON may hold U+2028, at which
 * `node:readline` would cut too.
 */
export async function* readLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let open = ''
  for await (const piece of pieces) {
    const lines = `${open}${decoder.decode(piece, { stream: true })}`.split('\n')
    open = lines.pop() ?? ''
    yield* lines
  }
  open += decoder.decode()
  if (open !== '') yield open
}
