import { expect, test } from 'vitest'

import { decodeText } from './text.ts'

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const utf8 = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'))
const utf16le = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'))
const utf16be = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16())
const xml = (encoding: string, text: string) => `<?xml version="1.0" encoding="${encoding}"?><t>${text}</t>`
/** "Привет" in windows-1251 and "テスト" in Shift_JIS, from the Unicode mapping tables. */
const cyrillic = '\xcf\xf0\xe8\xe2\xe5\xf2'
const japanese = '\x83\x65\x83\x58\x83\x67'

test.each([
  ['UTF-8 by nothing', utf8('<t>é</t>'), undefined, 'utf-8', '<t>é</t>'],
  ['a UTF-8 mark, which is taken off', utf8('\ufeff<t/>'), 'text/xml; charset=iso-8859-1', 'utf-8', '<t/>'],
  [
    'a UTF-16 mark against both labels',
    utf16le(`\ufeff${xml('utf-8', 'é')}`),
    'text/xml; charset=utf-8',
    'utf-16le',
    'é',
  ],
  ['a big-endian mark', utf16be(`\ufeff${xml('utf-16', 'é')}`), undefined, 'utf-16be', 'é'],
  ['UTF-16 without a mark', utf16le(xml('utf-16', 'é')), undefined, 'utf-16le', 'é'],
  ['big-endian UTF-16 without a mark', utf16be(xml('utf-16', 'é')), undefined, 'utf-16be', 'é'],
  ['the prolog', latin1(xml('windows-1251', cyrillic)), 'text/xml', 'windows-1251', 'Привет'],
  [
    'the header before the prolog',
    latin1(xml('iso-8859-1', cyrillic)),
    'text/xml;charset="windows-1251"',
    'windows-1251',
    'Привет',
  ],
  [
    'the prolog where the header does not decode',
    latin1(xml('windows-1251', cyrillic)),
    'text/xml; charset=utf-8',
    'windows-1251',
    'Привет',
  ],
  ['ISO-8859-1 as its superset', latin1(xml('ISO-8859-1', 'caf\xe9 \x80')), undefined, 'windows-1252', 'café €'],
  ['UTF-8 under a one-byte header', utf8(xml('utf-8', 'é€')), 'text/xml; charset=ISO-8859-1', 'utf-8', 'é€'],
  ['UTF-8 under a one-byte prolog', utf8(xml('windows-1252', 'é€')), undefined, 'utf-8', 'é€'],
  ['Shift_JIS', latin1(xml('Shift_JIS', japanese)), undefined, 'shift_jis', 'テスト'],
  ['bytes of nobody as windows-1252', latin1('<t>caf\xe9</t>'), 'text/xml; charset=utf-8', 'windows-1252', 'café'],
  ['an unknown label as none', utf8(xml('x-nonsense', 'é')), 'text/xml; charset=utf-7', 'utf-8', 'é'],
  ['a prolog that claims UTF-16 in ASCII', utf8(xml('UTF-16', 'é')), undefined, 'utf-8', 'é'],
  ['UTF-8 with a cut character', utf8('ééé').subarray(0, 5), undefined, 'utf-8', 'éé\ufffd'],
])('reads XML by %s', (_by, body, contentType, encoding, text) => {
  const decoded = decodeText(body, contentType, 'xml')
  expect(decoded.encoding).toBe(encoding)
  expect(decoded.text).toContain(text)
})

test.each([
  ['<meta charset=windows-1251>', 'windows-1251'],
  ['<META content="text/html; charset=windows-1251" http-equiv=content-type>', 'windows-1251'],
  [`<head>${' '.repeat(2_000)}<meta charset='windows-1251'/>`, 'windows-1251'],
  ['<!-- <meta charset=koi8-r> --><meta charset="windows-1251">', 'windows-1251'],
])('reads HTML by %j', (head, encoding) => {
  expect(decodeText(latin1(head + cyrillic), 'text/html', 'html')).toEqual({ text: `${head}Привет`, encoding })
})

test('reads JSON as UTF-8 whatever its text looks like', () => {
  const body = utf8('{"a":"<?xml encoding=\\"koi8-r\\"?>é"}')
  expect(decodeText(body, 'application/json', 'json')).toEqual({
    text: Buffer.from(body).toString(),
    encoding: 'utf-8',
  })
})

test('never reads UTF-7, in which plain text hides markup', () => {
  expect(decodeText(latin1('+ADw-script+AD4-'), 'text/html; charset=utf-7', 'html').text).toBe('+ADw-script+AD4-')
})

test('takes an empty body', () => {
  expect(decodeText(new Uint8Array(0), undefined, 'html')).toEqual({ text: '', encoding: 'utf-8' })
})
