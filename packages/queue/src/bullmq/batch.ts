/**
 * Gathers the calls made while one batch is under way, so that many small statements become few larger ones;
 * a call made when nothing is under way starts at once. `run` must answer in the order of its items and be atomic:
 * when a batch fails each item is run alone, so that one bad item fails only itself.
 */
export function inBatches<Item, Result>(
  run: (items: Item[]) => Promise<Result[]>,
  maxItems = 100,
): (item: Item) => Promise<Result> {
  interface Call {
    item: Item
    resolve(result: Result): void
    reject(error: unknown): void
  }
  let waiting: Call[] = []
  let underWay = false

  async function settle(calls: Call[]): Promise<void> {
    try {
      const results = await run(calls.map((call) => call.item))
      calls.forEach((call, index) => call.resolve(results[index]!))
    } catch (error) {
      if (calls.length === 1) return calls[0]!.reject(error)
      for (const call of calls) await settle([call])
    }
  }

  async function drain(): Promise<void> {
    underWay = true
    // Calls of the same turn of the event loop go together.
    await Promise.resolve()
    while (waiting.length > 0) {
      const calls = waiting.slice(0, maxItems)
      waiting = waiting.slice(maxItems)
      await settle(calls)
    }
    underWay = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!underWay) void drain()
    })
}
