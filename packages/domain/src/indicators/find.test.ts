import { expect, test } from 'vitest'
import { findIndicators } from './find.ts'

/** The findings as `kind value`. */
const found = (text: string) => findIndicators(text).map(({ kind, value }) => `${kind} ${value}`)

const sha256 = '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f'
const md5 = '44d88612fea8a8f36de82e1278abb02f'

test.each([
  // network
  ['It calls hxxps://evil[.]com/gate.php, then sleeps.', ['url https://evil.com/gate.php']],
  ['(see http://bad.xyz/a_(b)).', ['url http://bad.xyz/a_(b)']],
  ['HTTP://Bad.XYZ/Path', ['url http://bad.xyz/Path']],
  ['http://a.xyz,http://b.xyz;', ['url http://a.xyz', 'url http://b.xyz']],
  ['http://[2a02:6b8::2]:8080/x', ['url http://[2a02:6b8::2]:8080/x']],
  ['evil[.]com/path/x.php?id=1.', ['url evil.com/path/x.php?id=1']],
  ['evil[.]top/evil2[.]top', ['domain evil.top', 'domain evil2.top']],
  ['c2[.]evil[.]co[.]uk:443', ['domain c2.evil.co.uk']],
  ['münchen-evil.de', ['domain münchen-evil.de']],
  ['使用evil.com进行', ['domain evil.com']],
  ['invoice[.]mov', ['domain invoice.mov']],
  ['user[@]evil[.]com.', ['email user@evil.com']],
  ['45.153.241.0/24.', ['cidr 45.153.241.0/24']],
  ['185.220.101.5:443', ['ipv4 185.220.101.5']],
  ['192[.]168[.]1[.]10', ['ipv4 192.168.1.10']],
  ['2A02:06B8:0:0::2:242, 2001[:]db8[:][:]1', ['ipv6 2a02:6b8::2:242', 'ipv6 2001:db8::1']],
  ['2606:4700::/32', ['cidr 2606:4700::/32']],
  ['IP:2a02:6b8::1', ['ipv6 2a02:6b8::1']],
  // hashes
  [`${md5.toUpperCase()} ${sha256}`, [`md5 ${md5}`, `sha256 ${sha256}`]],
  [`https://www.virustotal.com/gui/file/${sha256}`, [`sha256 ${sha256}`]],
  [`${md5}.evil[.]com`, [`domain ${md5}.evil.com`]],
  // identifiers
  ['cve-2021-44228 and CVE‑2022–1234', ['cve CVE-2021-44228', 'cve CVE-2022-1234']],
  ['AS64500, ASN 1234, AS400', ['asn AS64500', 'asn AS1234']],
  // The wallets are the examples of BIP 173, BIP 350, the Bitcoin genesis block and EIP-55.
  ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', ['bitcoin bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4']],
  [
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
    ['bitcoin bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0'],
  ],
  ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', ['bitcoin 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa']],
  ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', ['ethereum 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed']],
  // host
  [
    'HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\Shell and HKCU:\\Environment.',
    [
      'registry-key HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\Shell',
      'registry-key HKEY_CURRENT_USER\\Environment',
    ],
  ],
  [
    'C:\\Users\\Public Documents\\My Files\\evil.exe drops',
    ['file-path C:\\Users\\Public Documents\\My Files\\evil.exe'],
  ],
  ['C:\\Temp\\Quarterly Report 2024.docx was', ['file-path C:\\Temp\\Quarterly Report 2024.docx']],
  ['"C:\\Tools\\My Task" runs', ['file-path C:\\Tools\\My Task']],
  ['C:\\Windows\\System32\\cmd.exe /c whoami', ['file-path C:\\Windows\\System32\\cmd.exe']],
  ['C:\\\\Users\\\\x\\\\a.exe', ['file-path C:\\Users\\x\\a.exe']],
  [
    '\\\\fs01\\share$\\x.ps1 and %APPDATA%\\My App\\a.lnk',
    ['file-path \\\\fs01\\share$\\x.ps1', 'file-path %APPDATA%\\My App\\a.lnk'],
  ],
  ['The C:\\Windows\\System32 folder contains evil.exe', ['file-name evil.exe']],
  ['wrote /tmp/.x/evil, /dev/null', ['file-path /tmp/.x/evil']],
  ['\\\\.\\pipe\\evilpipe. \\\\fs01\\pipe\\two', ['pipe \\\\.\\pipe\\evilpipe', 'pipe \\\\.\\pipe\\two']],
  ['mutex named Global\\abc-def', ['mutex Global\\abc-def']],
  ['creates the mutex “xYz123” to', ['mutex xYz123']],
  ['Mutex\tFoo_Bar', ['mutex Foo_Bar']],
  ['User-Agent: Mozilla/5.0 (Windows NT 10.0)\nHost', ['user-agent Mozilla/5.0 (Windows NT 10.0)']],
])('%s', (text, expected) => {
  expect(found(text)).toEqual(expected)
})

test.each([
  'README.md and System.Net.Sockets, ASP.NET, Node.js, invoice.mov, kernel32.dll',
  'It was Booking.com, google.com, drive.google.com and https://github.com/x/y were',
  'version 1.2.3.4 build 7, v91.2.3.4, versions 7.11.1.2, 7.11.1.3 and 7.12.0.1, Chrome/51.0.24.106, 12.03.04.05',
  '10.0.0.1, 127.0.0.1, 203.0.113.5, 8.8.8.8, http://192.168.0.1/admin, http://server.local/, section 1.2.3.4',
  'std::vector a::b 12:34:56 00:1b:44:11:3a:b7 fe80::1 2001:db8::1',
  'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb',
  `${sha256}ab ${'ab'.repeat(16)} 00000000000000000000000000000000 12345678901234567890123456789012`,
  'this.options.style and response.data, user.name, foo.bar() e.g. i.e.',
  'The mutex makes sure that it is "only one" copy.',
  'and/or /etc, C:\\Windows\\System32, http:// https://[x]',
])('nothing in: %s', (text) => {
  expect(found(text)).toEqual([])
})

test('what names the publisher is a reference, unless it is defanged', () => {
  const publisherUrl = 'https://blog.vendor.co.uk/post'
  const text = 'www.vendor.co.uk, https://vendor.co.uk/x, info@vendor.co.uk and evil.co.uk'
  expect(findIndicators(text, { publisherUrl }).map(({ value }) => value)).toEqual(['evil.co.uk'])
  expect(findIndicators('www[.]vendor[.]co[.]uk', { publisherUrl })).toHaveLength(1)
})

test('a well-known site counts once somebody defanged it', () => {
  expect(found('google.com hxxp://google[.]com/x google.com')).toEqual(['url http://google.com/x'])
})

test('a value is found once, with its count and its first place', () => {
  const text = '𝕏 evil[.]com, then evil.com and EVIL[.]COM'
  const [indicator, ...others] = findIndicators(text)
  expect(others).toEqual([])
  expect(indicator).toEqual({
    kind: 'domain',
    value: 'evil.com',
    written: 'evil[.]com',
    startOffset: 3,
    endOffset: 13,
    occurrences: 3,
    defanged: true,
  })
})

test('a value that is defanged anywhere is defanged', () => {
  expect(findIndicators('evil.com, evil[.]com')).toMatchObject([
    { written: 'evil.com', occurrences: 2, defanged: true },
  ])
})

test('a letter with its accent apart is the same letter', () => {
  expect(found('mu\u0308nchen-evil.de')).toEqual(['domain m\u00fcnchen-evil.de'])
})

test('what is written stands at its offsets', () => {
  const text = `a[.]bc[.]com hxxp[:]//x[.]yz[.]com/[.]/é HKLM\\a\\b 1[.]2[.]3[.]4 C:\\a b\\c[.]exe bob[at]evil[.]com ${md5}`
  const indicators = findIndicators(text)
  expect(indicators.length).toBeGreaterThan(5)
  for (const { written, startOffset, endOffset } of indicators) expect(text.slice(startOffset, endOffset)).toBe(written)
})

test('a value that no index can hold is left out', () => {
  expect(found(`http://evil.xyz/${'a'.repeat(3000)} evil.xyz`)).toEqual(['domain evil.xyz'])
})
