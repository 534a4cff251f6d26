import { expect, test } from 'vitest'
import { inputLine, readProgress } from './job-progress.ts'

test.each([
  [null, undefined],
  ['fetching', { text: 'fetching' }],
  [
    { done: 3, total: 12 },
    { fraction: 0.25, text: '3 of 12' },
  ],
  [
    { done: 13, total: 12 },
    { fraction: 1, text: '13 of 12' },
  ],
  [{ done: 3, total: 0 }, { text: '{"done":3,"total":0}' }],
  [0.5, { text: '0.5' }],
  [[1], { text: '[1]' }],
])('progress %j is %j', (value, shown) => {
  expect(readProgress(value)).toEqual(shown)
})

test.each([
  [{ sourceId: 'a', key: 'https://e.example' }, 'sourceId a, key https://e.example'],
  [{ limit: 3, deep: { x: 1 } }, 'limit 3, deep {"x":1}'],
  [{}, ''],
  [undefined, ''],
  ['text', '"text"'],
])('input %j is the line %s', (input, line) => {
  expect(inputLine(input)).toBe(line)
})
