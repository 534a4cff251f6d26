import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { throttle } from './throttle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a hundred calls within a second are two: the first at once, the last at its end', () => {
  const run = vi.fn<() => void>()
  const ask = throttle(run, 1000)
  for (let call = 0; call < 100; call += 1) {
    ask()
    vi.advanceTimersByTime(9)
  }
  expect(run).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(100)
  expect(run).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(10_000)
  expect(run).toHaveBeenCalledTimes(2)
})

test('a call after a pause runs at once', () => {
  const run = vi.fn<() => void>()
  const ask = throttle(run, 1000)
  ask()
  vi.advanceTimersByTime(1000)
  ask()
  expect(run).toHaveBeenCalledTimes(2)
})
