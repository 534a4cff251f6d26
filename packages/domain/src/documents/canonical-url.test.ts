import { expect, test } from 'vitest'
import { canonicalUrl, resolveUrl } from './canonical-url.ts'

test.each([
  ['https://Example.ORG:443/a?utm_source=rss&id=7&fbclid=x#top', 'https://example.org/a?id=7'],
  ['http://example.org:80', 'http://example.org/'],
  ['https://example.org/a?utm_source=rss&utm_medium=feed', 'https://example.org/a'],
  ['https://example.org/a?', 'https://example.org/a'],
  ['https://example.org/?b=2&a=1&mc_cid=9', 'https://example.org/?b=2&a=1'],
  ['https://example.org/?q=a%20b&UTM_Campaign=x', 'https://example.org/?q=a%20b'],
  ['https://example.org/Path/', 'https://example.org/Path/'],
  ['https://example.org/?%zz=1&gclid=2', 'https://example.org/?%zz=1'],
])('%s is %s', (url, canonical) => {
  expect(canonicalUrl(url)).toBe(canonical)
  expect(canonicalUrl(canonical)).toBe(canonical)
})

test('keeps http and https apart', () => {
  expect(canonicalUrl('http://example.org/')).not.toBe(canonicalUrl('https://example.org/'))
})

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'java\nscript:alert(1)',
  '',
  undefined,
  `/${'a'.repeat(5000)}`,
])('resolves no address that is not http: %s', (link) => {
  expect(resolveUrl(link, 'https://example.org/')).toBeUndefined()
})

test('resolves relative and unescaped addresses', () => {
  expect(resolveUrl(' ../b c ', 'https://example.org/x/y/')).toBe('https://example.org/x/b%20c')
  expect(resolveUrl('//other.example/z', 'https://example.org/')).toBe('https://other.example/z')
})
