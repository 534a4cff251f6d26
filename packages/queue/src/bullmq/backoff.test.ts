import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test('the longest wait doubles with each try, up to an hour', () => {
  const longest = (attempt: number) => backoffMs(1_000, attempt, () => 1)
  expect([1, 2, 3, 4].map(longest)).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(longest(40)).toBe(3_600_000)
})

test('the wait is any part of it, by default of five seconds', () => {
  expect([0, 0.25, 1].map((part) => backoffMs(undefined, 2, () => part))).toEqual([0, 2_500, 10_000])
})
