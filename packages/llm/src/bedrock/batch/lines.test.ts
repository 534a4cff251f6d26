import { expect, test } from 'vitest'
import { readLines } from './lines.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

test.each([1, 2, 3, 5, 100])('lines are the same in pieces of %i bytes', async (size) => {
  const text = '{"a":"é\u2028\u{1f600}"}\n\n{"b":"\r"}\nlast'
  expect(await Array.fromAsync(readLines(inPieces(text, size)))).toEqual([
    '{"a":"é\u2028\u{1f600}"}',
    '',
    '{"b":"\r"}',
    'last',
  ])
})

test('an end of line at the end begins no line', async () => {
  expect(await Array.fromAsync(readLines(inPieces('one\n', 2)))).toEqual(['one'])
  expect(await Array.fromAsync(readLines(inPieces('', 2)))).toEqual([])
})
