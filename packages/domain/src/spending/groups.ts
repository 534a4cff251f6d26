import { isLasting } from './late-writes.ts'

export interface Grouping<Item, Result> {
  /** One for each item, in their order. Undefined when nothing was done, because of one of them: then each is tried alone. */
  together(items: Item[]): Promise<Result[] | undefined>
  alone(item: Item): Promise<Result>
  most?: number
  /** A group that takes longer, because of a lock or a connection that is dead, holds the next one up no more. */
  slowMs?: number
}

interface Waiting<Item, Result> extends PromiseWithResolvers<Result> {
  item: Item
}

/**
 * For work that costs as much for one as for many. What comes while a group is under way goes together in the next; what
 * comes alone goes at once and alone. An item that can never succeed fails alone; any other failure is that of its group.
 */
export function createGroups<Item, Result>(options: Grouping<Item, Result>): (item: Item) => Promise<Result> {
  const { together, alone, most = 500, slowMs = 250 } = options
  const waiting: Waiting<Item, Result>[] = []
  let isWorking = false

  async function tryTogether(items: Item[]): Promise<Result[] | undefined> {
    try {
      return await together(items)
    } catch (error) {
      if (isLasting(error)) return undefined
      throw error
    }
  }

  async function work(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = group.length > 1 ? await tryTogether(group.map(({ item }) => item)) : undefined
      if (results) for (const [index, { resolve }] of group.entries()) resolve(results[index]!)
      else for (const { item, resolve, reject } of group) await alone(item).then(resolve, reject)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  async function workAll(): Promise<void> {
    while (waiting.length > 0) await orSlow(work(waiting.splice(0, most)), slowMs)
    isWorking = false
  }

  return (item) => {
    const one = { item, ...Promise.withResolvers<Result>() }
    waiting.push(one)
    if (!isWorking) {
      isWorking = true
      // What is asked for in the same turn goes together.
      queueMicrotask(() => void workAll())
    }
    return one.promise
  }
}

async function orSlow(work: Promise<void>, ms: number): Promise<void> {
  const slow = Promise.withResolvers<void>()
  const timeout = setTimeout(slow.resolve, ms)
  await Promise.race([work, slow.promise])
  clearTimeout(timeout)
}
