import { expect, test } from 'vitest'
import { distributionOf, interleave, median, percentile, seededRandom, slopeOf, together } from './measure.ts'

test('percentiles are by nearest rank', () => {
  const values = [50, 15, 40, 20, 35]
  expect([0.05, 0.3, 0.4, 0.5, 1].map((share) => percentile(values, share))).toEqual([15, 20, 20, 35, 50])
  expect(() => percentile([], 0.5)).toThrow('no values')
})

test('the 99th percentile of 200 values leaves two above it', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i)
  expect(distributionOf(values)).toEqual({ count: 200, p50: 100, p90: 180, p99: 198, max: 200 })
})

test('the median of an even count is the lower of the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2)
})

test('sides take turns at going first', async () => {
  const order: string[] = []
  const side = (name: string) => async () => void order.push(name)
  await interleave(3, side('A'), side('B'))
  expect(order.join('')).toBe('ABBAAB')
})

test('each pair holds the result of its own side', async () => {
  let a = 0
  let b = 100
  const pairs = await interleave(
    2,
    async () => ++a,
    async () => ++b,
  )
  expect(pairs).toEqual([
    { a: 1, b: 101 },
    { a: 2, b: 102 },
  ])
})

test('the slope of points on a line is that of the line, and of scattered ones that of the nearest', () => {
  expect(slopeOf([[1, 5], [2, 7], [4, 11]])).toBe(2) // prettier-ignore
  // Means 2 and 3; (-1)(-1) + 0·2 + 1·(-1) = 0
  expect(slopeOf([[1, 2], [2, 5], [3, 2]])).toBe(0) // prettier-ignore
  // Means 1.5 and 2.75: 6.5 / 5
  expect(slopeOf([[0, 1], [1, 2], [2, 3], [3, 5]])).toBeCloseTo(1.3, 12) // prettier-ignore
  expect(() => slopeOf([[1, 1], [1, 2]])).toThrow('two places') // prettier-ignore
})

test('seeded numbers are the same each time and spread over 0 to 1', () => {
  const draw = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  const numbers = draw(1)
  const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length
  // The standard error of the mean of 1,000 is 0.009.
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.04)
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
})

test('work is done once each, never more at once than allowed', async () => {
  let now = 0
  let most = 0
  const done: number[] = []
  await together(10, 3, async (index) => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setImmediate(resolve))
    now--
    done.push(index)
  })
  expect(most).toBe(3)
  expect(done.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})
