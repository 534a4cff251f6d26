import { describe, expect, test } from 'vitest'
import { defang, groupByKind } from './defang.ts'

describe('defanged indicators', () => {
  test.each([
    ['ipv4', '198.51.100.23', '198[.]51[.]100[.]23'],
    ['cidr', '198.51.100.0/24', '198[.]51[.]100[.]0/24'],
    ['ipv6', '2001:db8::1', '2001[:]db8::1'],
    ['domain', 'c2.evil.example', 'c2[.]evil[.]example'],
    ['email', 'a.b@evil.example', 'a[.]b@evil[.]example'],
    ['url', 'https://c2.evil.example/a.php?x=1.2', 'hxxps://c2[.]evil[.]example/a.php?x=1.2'],
    ['url', 'http://[2001:db8::1]:8080/', 'hxxp://[2001[:]db8::1]:8080/'],
    ['url', 'ftp://evil.example', 'ftp://evil[.]example'],
    ['file-name', 'wing.dll', 'wing.dll'],
    ['cve', 'CVE-2026-31337', 'CVE-2026-31337'],
  ] as const)('%s %s is shown as %s', (kind, value, shown) => {
    expect(defang({ kind, value })).toBe(shown)
  })

  test('kinds stand in a fixed order, indicators in the order of the article', () => {
    const one = (kind: 'ipv4' | 'md5' | 'domain', value: string) => ({
      kind,
      value,
      written: value,
      startOffset: 0,
      endOffset: 1,
      occurrences: 1,
      defanged: false,
    })
    const grouped = groupByKind([one('md5', 'x'), one('domain', 'b'), one('ipv4', '2'), one('domain', 'a')])
    expect(grouped.map(([kind, of]) => [kind, of.map(({ value }) => value)])).toEqual([
      ['ipv4', ['2']],
      ['domain', ['b', 'a']],
      ['md5', ['x']],
    ])
  })
})
