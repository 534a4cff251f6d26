import { expect, test } from 'vitest'
import { embedByHashing, LOCAL_SPACE } from './hashing-embedding.ts'
import { murmur3 } from './murmur3.ts'

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, number, i) => sum + number * b[i]!, 0)
const cosine = (a: string, b: string) => dot(embedByHashing(a), embedByHashing(b))

test('every text has a vector of 768 numbers and length 1, also without a word', () => {
  for (const text of ['malware', '!!!', '攻撃者', '🙂', 'the', 'a'.repeat(10_000), 'İstanbul ﬁle']) {
    const vector = embedByHashing(text)
    expect(vector).toHaveLength(768)
    expect(Math.sqrt(dot(vector, vector))).toBeCloseTo(1, 6)
  }
})

test('a short word is its one cell, chosen and signed by the hash', () => {
  // "apt" is shorter than a fragment, so the vector is ±1 where murmur3 with seed 1 puts the word.
  const hash = murmur3(Buffer.from('apt'), 0, 3, 1)
  const vector = embedByHashing('APT apt')
  expect(vector[(hash >>> 1) % 768]).toBe(hash & 1 ? 1 : -1)
  expect(vector.filter((number) => number !== 0)).toHaveLength(1)
})

test('two short words weigh as 1 + ln of their count', () => {
  const cell = (word: string) => (murmur3(Buffer.from(word), 0, word.length, 1) >>> 1) % 768
  const vector = embedByHashing('zeb zeb zeb qux')
  expect(Math.abs(vector[cell('zeb')]! / vector[cell('qux')]!)).toBeCloseTo(1 + Math.log(3), 5)
})

test('grammar weighs a tenth of a rare word', () => {
  const cell = (word: string) => (murmur3(Buffer.from(word), 0, word.length, 1) >>> 1) % 768
  const vector = embedByHashing('the qux')
  expect(Math.abs(vector[cell('the')]! / vector[cell('qux')]!)).toBeCloseTo(0.1, 5)
})

test('case, order and compatibility forms do not count', () => {
  expect(cosine('Cobalt Strike beacon', 'beacon STRIKE cobalt')).toBeCloseTo(1, 6)
  expect(cosine('ﬁnance', 'finance')).toBeCloseTo(1, 6)
})

test('spelling variants are near, other words are not', () => {
  expect(cosine('ransomware encryption', 'ransomwares encrypting')).toBeGreaterThan(0.3)
  expect(cosine('kerberoasting', 'kerberoastng')).toBeGreaterThan(0.3)
  expect(Math.abs(cosine('kerberoasting', 'steganography'))).toBeLessThan(0.15)
})

test('a related text is nearer than an unrelated one', () => {
  const query = 'spearphishing mails that bring the Emotet loader'
  const related = 'Emotet was delivered by a spearphishing mail with a macro document.'
  const unrelated = 'The quarterly results of the bank were better than analysts expected.'
  expect(cosine(query, related)).toBeGreaterThan(cosine(query, unrelated) + 0.2)
})

// A change of the recipe must change the version: these numbers are frozen with `hash-v1`.
test('the recipe of this version is frozen', () => {
  const vector = embedByHashing(
    'However, the Sandworm wiper overwrites several computers and networks (überschrieb 3 disks) through malicious documents from https://evil.com/v1.2.3.',
  )
  const digest = murmur3(new Uint8Array(vector.map((number) => Math.round(number * 1_000)).buffer), 0, 768 * 4, 0)
  expect({ id: LOCAL_SPACE.id, digest }).toEqual({ id: 'local:hash-v1:768', digest: 2951894588 })
})

test.each([
  ['words', 'wiper destroyed disks '],
  ['one word', 'x'],
  ['other scripts', '攻撃者 '],
])('a megabyte of %s takes less than a second', (_, unit) => {
  const text = unit.repeat(1_048_576 / unit.length)
  const started = performance.now()
  embedByHashing(text)
  expect(performance.now() - started).toBeLessThan(1_000)
})
