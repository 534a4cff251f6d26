/** Of an item: nothing more of the source is wanted. */
export const LAST = Symbol('last')

/** What a stream becomes on its way to the next reader. */
export interface Relay<T, U> {
  /** What the reader gets for an item; undefined when there is nothing to show. */
  read(item: T): U | typeof LAST | undefined
  /** The reader's last item, after the source's. */
  end(): U | Promise<U>
  /** Of the source, of `read` or of `end`. @throws what the reader is told */
  failed(error: unknown): Promise<never>
  /** The reader left before the end; the source knows already. */
  left(): void | Promise<void>
}

const OVER: IteratorResult<never, undefined> = { done: true, value: undefined }

/**
 * Passes a stream on, item by item, and ends once: with `end`, `failed` or `left`. An async generator would do the
 * same in several turns of the microtask queue for each piece of each answer; this takes one.
 */
export function relay<T, U>(
  items: AsyncIterable<T>,
  { read, end, failed, left }: Relay<T, U>,
): AsyncIterableIterator<U, undefined> {
  type Result = IteratorResult<U, undefined>
  const source = items[Symbol.asyncIterator]()
  /** Who asks before the last answer is there stands in line behind it. */
  let waiting: Promise<Result> | undefined
  let isOver = false

  const ask = (): Promise<Result> => source.next().then(pass, fail)

  function pass(result: IteratorResult<T>): Result | Promise<Result> {
    if (isOver || result.done) return finish(() => last().catch(failed))
    try {
      const value = read(result.value)
      if (value === undefined) return ask()
      if (value === LAST) return finish(() => enough().catch(failed))
      waiting = undefined
      return { done: false, value }
    } catch (error) {
      return fail(error)
    }
  }

  const last = async (): Promise<Result> => ({ done: false, value: await end() })
  const enough = async (): Promise<Result> => {
    try {
      return await last()
    } finally {
      await source.return?.()
    }
  }
  const fail = (error: unknown): Promise<Result> => finish(() => failed(error))

  async function finish(how: () => Promise<Result>): Promise<Result> {
    try {
      if (isOver) return OVER
      isOver = true
      return await how()
    } finally {
      waiting = undefined
    }
  }

  const stream: AsyncIterableIterator<U, undefined> = {
    [Symbol.asyncIterator]: () => stream,
    next() {
      if (waiting) return waiting.then(stream.next, stream.next)
      if (isOver) return Promise.resolve(OVER)
      waiting = ask()
      return waiting
    },
    async return() {
      if (isOver) return OVER
      isOver = true
      try {
        await source.return?.()
      } finally {
        await left()
      }
      return OVER
    },
  }
  return stream
}
