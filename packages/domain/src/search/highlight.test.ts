import { describe, expect, test } from 'vitest'
import { highlight } from './highlight.ts'

const marked = (text: string, question: string): string[] =>
  highlight(text, question).map(([start, end]) => text.slice(start, end))

describe('highlights', () => {
  test('whole words of the question are marked whatever their case', () => {
    expect(marked('Emotet drops TrickBot; emotets do not.', 'emotet TRICKBOT')).toEqual(['Emotet', 'TrickBot'])
  })

  test('an indicator is one word', () => {
    expect(marked('It asks c2.evil.example for orders.', 'c2.evil.example')).toEqual(['c2.evil.example'])
  })

  test('very short words are left alone', () => {
    expect(marked('The end of the list of it', 'of it')).toEqual([])
  })
})
