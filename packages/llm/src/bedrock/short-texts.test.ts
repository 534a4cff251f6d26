import { expect, test } from 'vitest'
import { createTextReader } from './short-texts.ts'

const utf8 = new TextEncoder()

test('texts of every length are read as the platform reads them, the first time and again', () => {
  const read = createTextReader()
  const texts = [':event-type', ':content-type', ':message-type', 'event', '', 'é', '日本', '🔎', '\u{feff}a']
  const long = Array.from({ length: 40 }, (_, length) => 'x'.repeat(length))
  for (const _ of [1, 2]) for (const text of [...texts, ...long]) expect(read(utf8.encode(text))).toBe(text)
  expect(read('already text')).toBe('already text')
  expect(read(Uint8Array.of(0x61, 0xff))).toBe('a\u{fffd}')
})

test('texts that differ in any one byte are never taken for each other', () => {
  const read = createTextReader()
  for (let at = 0; at < 13; at++) {
    for (const letter of 'abcdefghijklmnop') {
      const text = '-'.repeat(at) + letter + '-'.repeat(12 - at)
      expect(read(utf8.encode(text))).toBe(text)
    }
  }
})

test('a part of a larger buffer is read alone, and what is written there later changes nothing', () => {
  const read = createTextReader()
  const chunk = utf8.encode('__event__')
  const part = chunk.subarray(2, 7)
  expect(read(part)).toBe('event')
  part.set(utf8.encode('evenX'))
  expect(read(part)).toBe('evenX')
  expect(read(utf8.encode('event'))).toBe('event')
})
