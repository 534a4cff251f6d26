/** A stream whose first item, or end, is there. */
export interface Begun<T> {
  first: IteratorResult<T, undefined>
  rest: AsyncIterator<T, undefined>
}

/** Waits for the first item: what fails before it may be tried again. @throws what the stream fails with until then */
export async function begin<T>(items: AsyncIterable<T, undefined>): Promise<Begun<T>> {
  const rest = items[Symbol.asyncIterator]()
  return { first: await rest.next(), rest }
}

const OVER: IteratorResult<never, undefined> = { done: true, value: undefined }
const NOTHING: Begun<never> = { first: OVER, rest: { next: async () => OVER } }

/**
 * The stream that `start` finds, however many tries that takes, as soon as somebody reads. After its first item it is passed
 * on as it is: every further generator in the way would cost each piece of each answer.
 */
export function startedBy<T>(start: () => Promise<Begun<T>>): AsyncIterableIterator<T, undefined> {
  let starting: Promise<Begun<T>> | undefined
  let begun: Begun<T> | undefined
  const stream: AsyncIterableIterator<T, undefined> = {
    [Symbol.asyncIterator]: () => stream,
    next() {
      if (begun) return begun.rest.next()
      if (starting) return starting.then(stream.next, () => OVER)
      starting = start()
      return starting.then((found) => {
        begun = found
        return found.first
      })
    },
    async return() {
      if (!starting) begun = NOTHING
      const found = await starting?.catch(() => undefined)
      await found?.rest.return?.()
      return OVER
    },
  }
  return stream
}
