/** Stops at one of many steps as a killed process does: what was under way never goes on, and nothing is cleaned up. */
export interface Killer {
  /** The same object, each call of whose methods is two steps: before and after it. */
  watch<T extends object>(target: T): T
  /** The result of the work, or `killed`. */
  run<T>(work: () => Promise<T>): Promise<T | 'killed'>
}

/** `at` counts steps from 0. */
export function createKiller(at: number): Killer {
  let steps = 0
  const dead = Promise.withResolvers<'killed'>()
  const step = async (): Promise<void> => {
    if (steps++ !== at) return
    dead.resolve('killed')
    await new Promise(() => {})
  }
  const wrap =
    (method: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      const answer = (async () => {
        await step()
        return method(...args)
      })()
      return answer.then(async (value) => {
        await step()
        return value
      })
    }
  async function* wrapAll(source: () => AsyncIterable<unknown>) {
    await step()
    for await (const value of source()) {
      yield value
      await step()
    }
  }
  return {
    watch: (target) =>
      Object.fromEntries(
        Object.entries(target).map(([name, value]) => {
          if (typeof value !== 'function' || ['resolve', 'recall', 'close'].includes(name)) return [name, value]
          const method = value as (...args: unknown[]) => unknown
          if (name === 'collect')
            return [name, (...args: unknown[]) => wrapAll(() => method(...args) as AsyncIterable<unknown>)]
          return [name, wrap(method)]
        }),
      ) as typeof target,
    run: (work) => Promise.race([work(), dead.promise]),
  }
}
