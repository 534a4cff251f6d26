import { describe, expect, test } from 'vitest'
import { cutPassage, splitByOffsets } from './cut-passage.ts'

const inBrackets = (parts: { text: string; marked: boolean }[]): string =>
  parts.map(({ text, marked }) => (marked ? `[${text}]` : text)).join('')

describe('marked passages', () => {
  test('the words at the offsets are marked and nothing else', () => {
    expect(
      inBrackets(
        splitByOffsets('Emotet drops TrickBot.', [
          [0, 6],
          [13, 21],
        ]),
      ),
    ).toBe('[Emotet] drops [TrickBot].')
  })

  test('pairs in any order, overlapping or outside lose and double no text', () => {
    const text = 'abcdefgh'
    const parts = splitByOffsets(text, [
      [4, 6],
      [1, 3],
      [2, 5],
      [7, 99],
      [50, 60],
    ])
    expect(parts.map((part) => part.text).join('')).toBe(text)
    expect(inBrackets(parts)).toBe('a[bc][de][f]g[h]')
  })

  test('a text without marks is one part', () => {
    expect(splitByOffsets('abc', [])).toEqual([{ text: 'abc', marked: false }])
    expect(splitByOffsets('', [])).toEqual([])
  })

  test('a passage whose first mark comes late begins at a word shortly before it', () => {
    const before = 'lorem ipsum '.repeat(30)
    const shown = inBrackets(cutPassage(`${before}needle here`, [[before.length, before.length + 6]]))
    expect(shown).toBe('… ipsum lorem ipsum lorem ipsum lorem ipsum lorem ipsum [needle] here')
  })

  test('one whose mark comes early is whole, as is one without marks', () => {
    expect(inBrackets(cutPassage('a needle', [[2, 8]]))).toBe('a [needle]')
    const long = 'x '.repeat(400)
    expect(inBrackets(cutPassage(long, []))).toBe(long)
  })
})
