import { expect, test } from 'vitest'

import { locationOf, requestHeaders, retryAfterMs } from './headers.ts'

const now = Date.UTC(1994, 10, 6, 8, 49, 0)

/** The date forms are the three examples of RFC 9110 §5.6.7, 37 seconds after `now`. */
test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['99999999999', undefined],
  ['', undefined],
  [undefined, undefined],
])('reads Retry-After %j as %j ms', (text, ms) => {
  expect(retryAfterMs(text, now)).toBe(ms)
})

test('a Location in raw UTF-8 is read as such, the first of several counts', () => {
  expect(locationOf(Buffer.from('/caf\u00e9').toString('latin1'))).toBe('/caf\u00e9')
  expect(locationOf(['/a', '/b'])).toBe('/a')
})

test.each([
  ['Host', 'other.example.com'],
  ['content-length', '5'],
  ['Transfer-Encoding', 'chunked'],
  ['Proxy-Authorization', 'x'],
  ['accept-encoding', 'zstd'],
  ['x y', '1'],
  ['', '1'],
  ['x', 'a\r\nhost: b'],
  ['x', 'a\0'],
])('refuses the request header %j: %j', (name, text) => {
  expect(() => requestHeaders({ headers: { [name]: text } }, 'agent', true)).toThrow(/request header|one line/)
})
