import { describe, expect, test } from 'vitest'
import { cutPassages } from './passages.ts'

const textsOf = (text: string): string[] => cutPassages(text).map(({ start, end }) => text.slice(start, end))

describe('passages', () => {
  test('a short text is one passage without the white space around it', () => {
    expect(textsOf('  One sentence. Another one.\n')).toEqual(['One sentence. Another one.'])
    expect(textsOf(' \n ')).toEqual([])
  })

  test('together they hold every word once, in order', () => {
    const text = Array.from({ length: 400 }, (_, n) => `Sentence ${n} names host-${n}.example.`).join(' ')
    const passages = textsOf(text)
    expect(passages.length).toBeGreaterThan(5)
    expect(passages.join(' ').split(/\s+/)).toEqual(text.split(/\s+/))
  })

  test('a passage ends with a sentence and is about 1,200 characters long', () => {
    const text = 'The loader writes a file. '.repeat(200)
    const passages = textsOf(text)
    for (const passage of passages) expect(passage.endsWith('.')).toBe(true)
    for (const passage of passages.slice(0, -1)) expect(passage.length).toBeGreaterThan(1100)
    for (const passage of passages) expect(passage.length).toBeLessThanOrEqual(1200)
  })

  test('a list without any sentence end is cut by length', () => {
    const hashes = 'd41d8cd98f00b204e9800998ecf8427e '.repeat(300)
    expect(Math.max(...textsOf(hashes).map(({ length }) => length))).toBeLessThanOrEqual(2000)
  })
})
