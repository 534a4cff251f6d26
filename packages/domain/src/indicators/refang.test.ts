import { expect, test } from 'vitest'
import { refang, refangWithOffsets } from './refang.ts'

test.each([
  ['evil[.]com', 'evil.com'],
  ['evil(.)com', 'evil.com'],
  ['evil{.}com', 'evil.com'],
  ['evil[dot]com', 'evil.com'],
  ['evil (DOT) com', 'evil.com'],
  ['hxxps://evil[.]com/a', 'https://evil.com/a'],
  ['hXXp[:]//evil.com', 'http://evil.com'],
  ['hxxp[://]evil.com', 'http://evil.com'],
  ['h**p://evil.com', 'http://evil.com'],
  ['fxp://evil.com', 'ftp://evil.com'],
  ['bob[@]evil[.]com', 'bob@evil.com'],
  ['bob [at] evil [dot] com', 'bob@evil.com'],
  ['evil\\.com\\.br', 'evil.com.br'],
  ['2001[:]db8[::]1', '2001:db8::1'],
  ['192[.]168[.]1[.]10', '192.168.1.10'],
])('%s is written plainly as %s', (written, plain) => {
  expect(refang(written)).toBe(plain)
})

test.each([
  'See the appendix (dot. 3) and [at] the end.',
  'C:\\Users\\bob\\.ssh\\config',
  '\\\\.\\pipe\\x',
  'a list[:] of values',
  'the Hxxper case',
])('%s stays as it is', (text) => {
  expect(refang(text)).toBe(text)
})

test('offsets lead back to what was written', () => {
  const text = 'x hxxp://a[.]bc[.]de/f y'
  const refanged = refangWithOffsets(text)
  const start = refanged.text.indexOf('http')
  const end = refanged.text.indexOf(' y')
  const original = refanged.original(start, end)
  expect(text.slice(original.start, original.end)).toBe('hxxp://a[.]bc[.]de/f')
  expect(refanged.isDefanged(start, end)).toBe(true)
  expect(refanged.isDefanged(0, start)).toBe(false)
  expect(refanged.isDefanged(end, end + 2)).toBe(false)
})
