import { expect, test } from 'vitest'
import { LlmAnswerInvalid } from '../errors.ts'
import { collect } from '../testing/collect.ts'
import { readLines } from './lines.ts'

/** The bytes of a text in pieces of one size. */
async function* inPieces(text: string, size: number) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test.each([1, 2, 3, 7, 1_000])('lines and characters stay whole in pieces of %i bytes', async (size) => {
  const text = '{"a":"Grüße 🦊"}\n\n  \n{"b":"\\n"}\r\nlast'
  expect((await collect(readLines(inPieces(text, size), 100))).map((line) => line.trim())).toEqual([
    '{"a":"Grüße 🦊"}',
    '{"b":"\\n"}',
    'last',
  ])
})

test.each([
  ['with an end', `short\n${'x'.repeat(11)}\n`],
  ['without one', `short\n${'x'.repeat(11)}`],
])('a line of more bytes than allowed, %s, is an error', async (_, text) => {
  await expect(collect(readLines(inPieces(text, 4), 10))).rejects.toThrow(LlmAnswerInvalid)
  expect(await collect(readLines(inPieces(text, 4), 11))).toHaveLength(2)
})
