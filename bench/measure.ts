export interface Distribution {
  count: number
  p50: number
  p90: number
  p99: number
  max: number
}

/** By nearest rank: the smallest value that at least this share of all values does not exceed. */
export function percentile(values: number[], share: number): number {
  if (values.length === 0) throw new Error('There are no values to take a percentile of.')
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
}

export const median = (values: number[]): number => percentile(values, 0.5)

export const distributionOf = (values: number[]): Distribution => ({
  count: values.length,
  p50: median(values),
  p90: percentile(values, 0.9),
  p99: percentile(values, 0.99),
  max: percentile(values, 1),
})

export interface Pair<T> {
  a: T
  b: T
}

/** Does both `rounds` times, in the order A B, B A, A B …, so that neither gains by what drifts meanwhile. */
export async function interleave<T>(rounds: number, a: () => Promise<T>, b: () => Promise<T>): Promise<Pair<T>[]> {
  const pairs: Pair<T>[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await a()
      pairs.push({ a: first, b: await b() })
    } else {
      const first = await b()
      pairs.push({ a: await a(), b: first })
    }
  }
  return pairs
}

/** The slope of the straight line through the points with the least squared distances. */
export function slopeOf(points: [x: number, y: number][]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  const across = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const along = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  if (along === 0) throw new Error('A slope needs points at two places.')
  return across / along
}

/** The same numbers from 0 up to 1 each time (mulberry32), so that both sides get the same pauses. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Does `count` pieces of work, `limit` at once. */
export async function together(count: number, limit: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const run = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(limit, count) }, run))
}
