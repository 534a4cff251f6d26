/** One way to put the question to the fake server. */
export interface Side {
  /** @throws when the stream fails or is cut */
  stream(hooks?: StreamHooks): Promise<StreamTimes>
  close(): Promise<void>
}

export interface StreamHooks {
  begun?(): void
}

export interface StreamTimes {
  /** From the call to the first text. */
  firstTextMs: number
  /** To the last text; what is done after it keeps nobody waiting for text. */
  lastTextMs: number
  pieces: number
}

/** Reads a stream of texts to its end and times it. */
export async function timed(texts: AsyncIterable<string>, { begun }: StreamHooks = {}): Promise<StreamTimes> {
  const start = performance.now()
  let firstTextMs: number | undefined
  let lastTextMs = 0
  let pieces = 0
  for await (const _text of texts) {
    lastTextMs = performance.now() - start
    if (firstTextMs === undefined) {
      firstTextMs = lastTextMs
      begun?.()
    }
    pieces++
  }
  if (firstTextMs === undefined) throw new Error('The stream ended without text.')
  return { firstTextMs, lastTextMs, pieces }
}
