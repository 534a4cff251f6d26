import { expect, test } from 'vitest'
import { splitSentences } from './sentences.ts'

const split = (text: string) => splitSentences(text).map((sentence) => sentence.text)

// In every case the parts are written as a reader would split them.
test.each<string[][]>([
  [['The loader asks evil.com for v1.2.3 of cmd.exe.', 'It then sleeps.']],
  [['It fetched https://evil.com/a.php?x=1. ', 'Then it stopped.']],
  [['Several families, e.g. Emotet, i.e. a loader, were seen.', 'Dr. Smith wrote it.']],
  [['The U.S. Department of Justice charged J. Doe.', 'He fled.']],
  [['The group left the U.S.', 'The police followed.']],
  [['It hit Acme Inc. servers.', 'They failed.']],
  [['The sample was packed by UPX vs. Themida.', 'See Fig. 3 for both.']],
  [['Was it APT29?', 'Nobody knows!', '“It was.”', 'So they say.']],
  [['It waits 3.5 seconds.', '2021 was worse.']],
  [['He said "run it." ', 'Then it ran.']],
  [['APT28 (a.k.a. Fancy Bear) did it.', 'Sure.']],
  [['It runs rundll32.exe.', 'Persistence follows.']],
  [['攻撃者は侵入した。', '次に移動した。']],
  [['Wait... ', 'The end.']],
  [['It was seen on Jan. 5, 2021.', 'Later, on Sept. 9, it was gone.']],
  [['C2 is 10.0.0.1. ', 'The port is 443.']],
  [['There is no. ', 'The answer stands.']],
])('%j', (parts) => {
  expect(split(parts.map((part) => part.trim()).join(' '))).toEqual(parts.map((part) => part.trim()))
})

test('a line ends a sentence: headings, paragraphs and list items; wrapped text goes on', () => {
  expect(
    split('Key findings\nThe actor used\na new loader. It is small.\n\n1. Download\n- second item\r\n\r\nend'),
  ).toEqual(['Key findings', 'The actor used\na new loader.', 'It is small.', '1. Download', '- second item', 'end'])
})

test('sentences are verbatim, with their place in the text', () => {
  const text = '  One is here.\t Two is there!\n\n\nThree  '
  for (const { text: sentence, start, end } of splitSentences(text)) expect(text.slice(start, end)).toBe(sentence)
  expect(split(text)).toEqual(['One is here.', 'Two is there!', 'Three'])
})

test('no text, no sentences', () => {
  expect(split('')).toEqual([])
  expect(split(' \n\t ')).toEqual([])
})

test.each([
  ['spaces', ' '],
  ['spaces before line ends', ' \n'],
  ['terminators', '.'],
  ['closing quotes', '."'],
  ['abbreviations', 'e.g. '],
  ['list numbers', '1. '],
  ['short sentences', 'A dog. '],
  ['no white space at all', 'a.b'],
])('a megabyte of %s takes less than a second', (_, unit) => {
  const text = unit.repeat(1_048_576 / unit.length)
  const started = performance.now()
  splitSentences(text)
  expect(performance.now() - started).toBeLessThan(1_000)
})
