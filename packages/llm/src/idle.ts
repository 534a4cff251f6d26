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
 * takes does not count. It stands in the way of every piece of every answer: one timer and one promise at a time.
 * @throws LlmTimeout
 */
export function withIdleTimeout<T>(
  source: () => Promise<AsyncIterable<T>>,
  { idleTimeoutMs, name, abort }: IdleOptions,
): AsyncIterableIterator<T> {
  let iterator: AsyncIterator<T> | undefined
  let timer: NodeJS.Timeout | undefined
  /** The reader's promise, while something is waited for. */
  let reader: PromiseWithResolvers<IteratorResult<T>> | undefined
  let isOver = false

  function pass(result: IteratorResult<T>): void {
    if (result.done) end()
    reader?.resolve(result)
    reader = undefined
  }

  function fail(error: unknown): void {
    end()
    reader?.reject(error)
    reader = undefined
    abort.abort()
  }

  function end(): void {
    isOver = true
    clearTimeout(timer)
  }

  function tooLate(): void {
    if (reader) fail(new LlmTimeout(`${name}: nothing came for ${idleTimeoutMs} ms.`))
  }

  function begin(items: AsyncIterable<T>): void {
    iterator = items[Symbol.asyncIterator]()
    iterator.next().then(pass, fail)
  }

  const stream: AsyncIterableIterator<T> = {
    [Symbol.asyncIterator]: () => stream,
    next() {
      if (isOver) return Promise.resolve({ done: true, value: undefined })
      if (timer) timer.refresh()
      else timer = setTimeout(tooLate, idleTimeoutMs)
      reader = Promise.withResolvers()
      if (iterator) iterator.next().then(pass, fail)
      else source().then(begin).catch(fail)
      return reader.promise
    },
    return() {
      end()
      abort.abort()
      reader?.resolve({ done: true, value: undefined })
      reader = undefined
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return stream
}
