import { LlmTimeout } from './errors.ts'

export interface IdleOptions {
  idleTimeoutMs: number
  /** What is waited for, in the error's message. */
  name: string
  /** Aborted when time runs out and when the reader leaves, so that the source stops its work. */
  abort: AbortController
}

/**
 * Passes a stream on; between two items, and before the first, at most `idleTimeoutMs` may pass. The time that the reader
 * takes does not count. @throws LlmTimeout
 */
export async function* withIdleTimeout<T>(
  source: () => Promise<AsyncIterable<T>>,
  options: IdleOptions,
): AsyncGenerator<T> {
  const { abort } = options
  try {
    const iterator = (await limited(source(), options))[Symbol.asyncIterator]()
    for (;;) {
      const result = await limited(iterator.next(), options)
      if (result.done) return
      yield result.value
    }
  } finally {
    abort.abort()
  }
}

async function limited<T>(work: Promise<T>, { idleTimeoutMs, name, abort }: IdleOptions): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new LlmTimeout(`${name}: nothing came for ${idleTimeoutMs} ms.`))
      abort.abort()
    }, idleTimeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
