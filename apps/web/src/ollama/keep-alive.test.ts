import { expect, test } from 'vitest'
import { keepAliveS } from './keep-alive.ts'

// The forms of Go's time.ParseDuration, and Ollama's own: a number is of seconds, below 0 is for ever.
test.each([
  [undefined, undefined],
  [null, undefined],
  [0, 0],
  [300, 300],
  [-1, Infinity],
  ['0', 0],
  ['5m', 300],
  ['1h30m', 5400],
  ['1.5h', 5400],
  ['500ms', 0.5],
  ['-1', Infinity],
  ['-1m', Infinity],
  ['+10s', 10],
])('%j is %j s', (given, seconds) => expect(keepAliveS(given)).toBe(seconds))

test.each(['', 'm', '5x', '1h 30m', 'forever', '5m-'])('%j is no duration', (given) => {
  expect(() => keepAliveS(given)).toThrow(`time: invalid duration "${given}"`)
})

test('nothing else is a duration', () => expect(() => keepAliveS(true)).toThrow("Unsupported type: 'boolean'"))
