import { expect, test } from 'vitest'
import type { IndicatorKind } from './indicator.ts'
import { parentsOf } from './parents.ts'

test.each<[IndicatorKind, string, string[]]>([
  ['domain', 'a.c2.evil.co.uk', ['domain c2.evil.co.uk', 'domain evil.co.uk']],
  ['domain', 'evil.co.uk', []],
  ['domain', 'x.evil.github.io', ['domain evil.github.io']],
  ['domain', 'münchen-evil.de', ['domain xn--mnchen-evil-thb.de']],
  ['domain', 'xn--mnchen-evil-thb.de', ['domain münchen-evil.de']],
  ['url', 'https://u:p@c2.evil.com:8443/x', ['domain c2.evil.com', 'domain evil.com']],
  ['url', 'evil.com/x', ['domain evil.com']],
  ['url', 'http://185.220.101.5/x', ['ipv4 185.220.101.5']],
  ['url', 'http://[2a02:6b8::2]:80/x', ['ipv6 2a02:6b8::2']],
  ['email', 'bob@mail.evil.com', ['domain mail.evil.com', 'domain evil.com']],
  ['file-path', 'C:\\Temp\\Evil.exe', ['file-path c:\\temp\\evil.exe', 'file-name evil.exe']],
  ['file-path', '/tmp/x/evil.sh', ['file-name evil.sh']],
  ['registry-key', 'HKEY_USERS\\x', ['registry-key hkey_users\\x']],
  ['cve', 'CVE-2021-44228', ['cve cve-2021-44228']],
  ['ipv4', '1.2.3.4', []],
])('%s %s', (kind, value, expected) => {
  expect(parentsOf({ kind, value }).map(({ kind, value }) => `${kind} ${value}`)).toEqual(expected)
})
