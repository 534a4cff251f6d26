import { describe, expect, test } from 'vitest'
import {
  parseSearch,
  readArticleFilter,
  readFrom,
  readJobFilter,
  readQuestion,
  stringifySearch,
} from './search-params.ts'

describe('what stands in the address', () => {
  test.each(['2024', '1e5', 'true', '"x"', '{"a":1}', 'c2.evil.example', 'a+b c&d=é', '12345678901234567890'])(
    'the question %s comes back as it was asked',
    (q) => {
      expect(readQuestion(parseSearch(stringifySearch({ q })))).toEqual({ q })
    },
  )

  test('no parameters are no question mark', () => {
    expect(stringifySearch({ q: undefined })).toBe('')
    expect(readQuestion(parseSearch('?q=%20'))).toEqual({})
  })

  test('unknown parameters and states fall away', () => {
    expect(readArticleFilter({ source: 'a', technique: '', color: 'red' })).toEqual({ source: 'a' })
    expect(readJobFilter({ state: 'dead' })).toEqual({ state: 'dead' })
    expect(readJobFilter({ state: 'asleep' })).toEqual({})
  })

  test('the way back after the sign-in is a path of ours', () => {
    expect(readFrom({ from: '/search?q=x' })).toEqual({ from: '/search?q=x' })
    for (const from of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      'javascript:x',
      '/sign-in?from=/',
      '',
    ]) {
      expect(readFrom({ from })).toEqual({})
    }
  })
})
