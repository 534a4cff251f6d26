import { expect, test } from 'vitest'

import { OutboundRefused } from './errors.ts'
import { checkUrl, createPolicy } from './url.ts'

const policy = createPolicy()

function outcome(text: string, of = policy): string {
  try {
    return checkUrl(text, of).href
  } catch (error) {
    return error instanceof OutboundRefused ? error.code : String(error)
  }
}

/** 127.0.0.1 and others in forms of the WHATWG URL standard's host parser, worked out by hand. */
test.each([
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://127.0.0.1./',
  'http://%31%32%37.0.0.1/',
  'http://１２７.0.0.1/',
  'http://①②⑦.0.0.1/',
  'http://127。0。0。1/',
  'http:\\\\127.0.0.1\\',
  'http:127.0.0.1',
  'http://12\t7.0.0.1/',
  'http://0/',
  'http://012.0.0.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:0:7f00:1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[fd00:ec2::254]/',
])('refuses the literal %j by its address', (text) => {
  expect(outcome(text)).toBe('address')
})

test.each([
  ['http://localhost/', 'name'],
  ['http://localhost./', 'name'],
  ['http://printer.LOCAL/', 'name'],
  ['http://metadata.google.internal/', 'name'],
  ['http://intranet/', 'name'],
  ['http://127.0.0.1../', 'name'],
  ['http://example/', 'name'],
  ['http://xn--.com/', 'name'],
  ['http://a..b.com/', 'name'],
  ['http://-a.com/', 'name'],
  [`http://${'a'.repeat(64)}.com/`, 'name'],
  ['http://user@example.com/', 'credentials'],
  ['http://:p@example.com/', 'credentials'],
  ['http://example.com:22/', 'port'],
  ['https://example.com:0/', 'port'],
  ['file:///etc/passwd', 'scheme'],
  ['ftp://example.com/', 'scheme'],
  ['javascript:alert(1)', 'scheme'],
  ['example.com', 'not-a-url'],
  ['http://[fe80::1%25eth0]/', 'not-a-url'],
  ['http://1.1.1.256/', 'not-a-url'],
  ['', 'not-a-url'],
  [`http://example.com/${'a'.repeat(9_000)}`, 'not-a-url'],
])('refuses %j as %s', (text, code) => {
  expect(outcome(text)).toBe(code)
})

test.each([
  ['http://example.com', 'http://example.com/'],
  ['https://example.com./feed?x=1#part', 'https://example.com./feed?x=1'],
  ['http://bücher.example.com:8080/', 'http://xn--bcher-kva.example.com:8080/'],
  ['http://localhost.example.com/', 'http://localhost.example.com/'],
  ['http://_dmarc.example.com/', 'http://_dmarc.example.com/'],
  ['http://8.8.8.8/', 'http://8.8.8.8/'],
  ['http://[2606:4700::1111]/', 'http://[2606:4700::1111]/'],
])('takes %j', (text, href) => {
  expect(outcome(text)).toBe(href)
})

test('an allowed origin is exact: scheme, host and port', () => {
  const allowing = createPolicy({ allowOrigins: ['http://127.0.0.1:8099', 'https://intranet/'] })
  expect(outcome('http://127.0.0.1:8099/feed', allowing)).toBe('http://127.0.0.1:8099/feed')
  expect(outcome('https://intranet/', allowing)).toBe('https://intranet/')
  expect(outcome('http://127.0.0.1:8098/', allowing)).toBe('port')
  expect(outcome('http://127.0.0.1/', allowing)).toBe('address')
  expect(outcome('https://127.0.0.1:8099/', allowing)).toBe('port')
  expect(outcome('http://127.0.0.2:8099/', allowing)).toBe('port')
  expect(outcome('http://intranet/', allowing)).toBe('name')
  expect(outcome('http://x@127.0.0.1:8099/', allowing)).toBe('credentials')
})

test.each([
  'http://127.0.0.1:8099/feed',
  'http://u:p@127.0.0.1',
  'ftp://127.0.0.1',
  '127.0.0.1:8099',
  'http://h?x',
  '*',
])('refuses %j as an allowed origin', (text) => {
  expect(() => createPolicy({ allowOrigins: [text] })).toThrow(/expected an allowed origin such as/)
})

test('a refusal names no password and no line break of the address', () => {
  const message = (text: string) => {
    try {
      return String(checkUrl(text, policy))
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(message('http://user:secret@[broken/')).not.toContain('secret')
  expect(message('http://user:secret@example.com/')).not.toContain('secret')
  expect(message('not\na\nurl')).not.toContain('\n')
})
