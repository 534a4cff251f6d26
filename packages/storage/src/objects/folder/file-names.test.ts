import { describe, expect, test } from 'vitest'
import { findEntry, toFileNames } from './file-names.ts'

describe('file names', () => {
  test.each([
    ['a', ['o-a']],
    ['a/b/c.json', ['d-a', 'd-b', 'o-c.json']],
    ['A', ['o-%41']],
    ['con/nul', ['d-con', 'o-nul']],
    ['end.', ['o-end%2e']],
    ['%41', ['o-%2541']],
    ['a b\\c:', ['o-a%20b%5cc%3a']],
    ['ü', ['o-%c3%bc']],
    ['x'.repeat(63), [`o-${'x'.repeat(63)}`]],
    ['x'.repeat(64), [`c-${'x'.repeat(64)}`, 'o-']],
    [`${'x'.repeat(130)}/y`, [`c-${'x'.repeat(64)}`, `c-${'x'.repeat(64)}`, 'd-xx', 'o-y']],
  ])('%s', (key, names) => {
    expect(toFileNames(key)).toEqual(names)
  })

  test('no name is longer than file systems allow, nor differs from another by case or accents only', () => {
    const keys = ['ü'.repeat(512), 'Ü'.repeat(512), '\u{1f98a}'.repeat(256), 'A'.repeat(1024), 'e\u0301', 'é', 'E', 'e']
    const paths = keys.map(toFileNames)
    for (const name of paths.flat()) expect(name.length).toBeLessThanOrEqual(255)
    const folded = paths.map((path) => path.join('/').normalize('NFC').toLowerCase())
    expect(new Set(folded).size).toBe(keys.length)
    for (const name of paths.flat()) expect(name).toMatch(/^[doc]-[a-z0-9_.%-]*$/)
  })

  test('a name that this store does not write stands for nothing', () => {
    for (const name of [
      'a',
      'o-A',
      'o-%41%',
      'o-%61',
      'o-ü',
      'x-a',
      'o-end.',
      '.DS_Store',
      '',
      `o-${'x'.repeat(64)}`,
    ]) {
      expect([name, findEntry(name, false)]).toEqual([name, undefined])
    }
    expect(findEntry('o-a', true)).toBeUndefined()
    expect(findEntry('d-a', false)).toBeUndefined()
    expect(findEntry('c-a', true)).toBeUndefined()
    expect(findEntry('d-%c3%bc', true)).toEqual({ kind: 'folder', bytes: Buffer.from('ü/') })
  })
})
