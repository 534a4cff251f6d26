import { expect, test } from 'vitest'
import { stripHidden } from './hidden-characters.ts'

// Unicode 17: DerivedCoreProperties.txt, Default_Ignorable_Code_Point; emoji sequences of UTS #51.
test.each([
  ['tag block', 'safe\u{e0041}\u{e0064}', 'safe', 2],
  ['zero-width bits', 'a\u200b\u200c\u200cb', 'ab', 3],
  ['bidi override', 'x\u202egnp.exe\u202c', 'xgnp.exe', 2],
  ['variation selectors as a payload', 'stop.\u{e0163}\u{e0151}', 'stop.', 2],
  ['variation selectors on a letter', 't\ufe00\ufe01 s', 't s', 2],
  ['NUL and escape', 'a\u0000b\u001b', 'ab', 2],
  ['interlinear annotation', 'a\ufff9b', 'ab', 1],
  ['word joiner in a domain', 'evil\u2060.example', 'evil.example', 1],
])('removes and counts: %s', (_name, text, shown, count) => {
  expect(stripHidden(text)).toEqual({ text: shown, count })
})

test.each([
  ['emoji presentation', '\u2764\ufe0f'],
  ['emoji family', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
  ['heart on fire', '\u2764\ufe0f\u200d\u{1f525}'],
  ['Persian joiner', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
  ['line breaks and tabs', 'a\tb\r\nc'],
])('keeps what is written: %s', (_name, text) => {
  expect(stripHidden(text)).toEqual({ text, count: 0 })
})

test('removes typesetting without counting it', () => {
  expect(stripHidden('\ufeffexam\u00adple')).toEqual({ text: 'example', count: 0 })
})

test('makes lone surrogates storable', () => {
  expect(stripHidden('a\ud800b').text).toBe('a\ufffdb')
})
