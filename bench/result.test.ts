import { expect, test } from 'vitest'
import { isMet, shown, toTable } from './result.ts'

const figure = { name: 'wait', value: 2, unit: 'ms', count: 7 }

test.each([
  [{ atMost: 2 }, true],
  [{ atMost: 1.99 }, false],
  [{ atLeast: 2 }, true],
  [{ atLeast: 2.01 }, false],
  [{}, true],
])('2 with %j is met: %j', (limit, met) => {
  expect(isMet({ ...figure, ...limit })).toBe(met)
})

test('what is no number meets nothing', () => {
  expect(isMet({ ...figure, value: Number.NaN })).toBe(false)
  expect(isMet({ ...figure, value: Number.NaN, atMost: 5 })).toBe(false)
})

test('numbers have three digits that count', () => {
  expect([0.123456, 1.5, 12.345, 99.95, 1234.5, -0.01234].map(shown)).toEqual([
    '0.123',
    '1.5',
    '12.3',
    '100',
    '1235',
    '-0.0123',
  ])
})

test('a table says which limits were missed', () => {
  expect(toTable([{ ...figure, atMost: 1 }, { ...figure, name: 'speed', atLeast: 1, about: '3 → 2' }, figure])).toBe(
    [
      'wait   2 ms  ≤ 1 ms  MISSED  n=7',
      'speed  2 ms  ≥ 1 ms  met     n=7  3 → 2',
      'wait   2 ms                  n=7',
    ].join('\n'),
  )
})
