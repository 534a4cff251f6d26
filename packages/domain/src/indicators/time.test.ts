import { expect, test } from 'vitest'
import { findIndicators } from './find.ts'

const SIZE = 1_000_000

/** Units that, repeated, make patterns with two ways to match the same text go back and forth. */
const units = [
  'a',
  '1',
  'f',
  '.',
  '..',
  'a.',
  'a.b..',
  '1.',
  '1.2.3.4 ',
  '::',
  'a:',
  '1:2:',
  '@',
  'a@',
  'a.com/',
  'a[.]com/',
  'evil[.]com ',
  '[.]',
  'a[.]',
  'a [.] ',
  '[:]',
  '1[:]',
  '(at)',
  'a\\.',
  'a\\.b\\',
  '\\',
  'a\\',
  'C:\\',
  'C:\\a ',
  '"C:\\a',
  'C:\\a b c d e f',
  '\\\\a\\',
  '\\pipe\\',
  '%a%\\',
  '$env:ab\\',
  'HKLM\\',
  'HKLM\\a b c d e f ',
  '/tmp/',
  '~/',
  'http://',
  'http://a,',
  'http://a@',
  'http://evil.com/) ',
  'http://a.b(',
  ')',
  '_',
  '-',
  '漢a',
  '𝕏',
  'mutex ',
  'mutex "',
  'mutex: ',
  'Global\\',
  'User-Agent: ',
  '"',
  'CVE-',
  'AS1',
  'bc1q',
  '1a',
  '0x',
]

// A machine that does other work gets another try; a pattern that goes back and forth takes minutes.
test.each(units)('a megabyte of %j takes less than a second', { retry: 2 }, (unit) => {
  const text = `${unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE - 1)}!`
  const startedAt = performance.now()
  findIndicators(text)
  expect(performance.now() - startedAt).toBeLessThan(1000)
})
