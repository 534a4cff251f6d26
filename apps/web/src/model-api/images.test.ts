import { expect, test } from 'vitest'
import { bytesOf, imageOf } from './images.ts'

// The first bytes as the specifications give them: PNG §5.2, JFIF, GIF89a §17, RIFF container of WebP.
test.each([
  ['png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
  ['jpeg', '\xff\xd8\xff\xe0\0\x10JFIF'],
  ['gif', 'GIF87a\x01\0\x01\0'],
  ['gif', 'GIF89a\x01\0\x01\0'],
  ['webp', 'RIFF\x24\0\0\0WEBPVP8 '],
  [undefined, 'RIFF\x24\0\0\0WAVEfmt '],
  [undefined, '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  [undefined, 'GIF90a'],
  [undefined, ''],
])('%s begins with %j', (format, beginning) => {
  expect(imageOf(Buffer.from(beginning, 'latin1'))?.format).toBe(format)
})

// RFC 4648 §10.
test.each([
  ['', ''],
  ['Zg==', 'f'],
  ['Zg', 'f'],
  ['Zm9vYmFy', 'foobar'],
])('%j is %j', (base64, text) => expect(bytesOf(base64)?.toString()).toBe(text))

test.each(['Z', 'Zm9v*', 'data:image/png;base64,Zm9v', 'Zm9v\n', '=Zg='])('%j is no base64', (text) => {
  expect(bytesOf(text)).toBeUndefined()
})
