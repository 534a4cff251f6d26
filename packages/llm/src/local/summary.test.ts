import { expect, test } from 'vitest'
import { pickSentences } from './summary.ts'
import { rankSentences, similarity } from './textrank.ts'

const REPORT = `A new wiper
The wiper named Ashfall destroyed disks of two power companies in March. Weather was mild that week in the region.
The wiper overwrites the first sectors of every disk with random bytes. See Figure 3 for the routine.
Investigators found that Ashfall spreads through a stolen domain account of the power companies.
The attackers used the stolen account to push the wiper by group policy to every disk. Read our blog.
sha256: 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f
Nobody has claimed the Ashfall wiper attack on the power companies so far.`

test('a summary is three to five whole sentences, verbatim and in the order of the text', () => {
  const picked = pickSentences(REPORT)
  expect(picked).toHaveLength(3)
  const places = picked.map((sentence) => REPORT.indexOf(sentence))
  expect(places.every((place) => place >= 0)).toBe(true)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(picked.join(' ')).not.toMatch(/Figure|sha256|Weather|blog/)
})

test('the same text gives the same summary', () => {
  expect(pickSentences(REPORT)).toEqual(pickSentences(REPORT))
})

test('longer texts get up to five sentences, and no two that say the same', () => {
  const distinct = Array.from(
    { length: 60 },
    (_, i) =>
      `The actor group${i} deployed loader${i} against the victims of sector${i} in country${i} during the campaign.`,
  )
  expect(pickSentences(distinct.join(' '))).toHaveLength(5)
  const same = Array.from({ length: 60 }, () => 'The actor deployed a loader against the victims in the same campaign.')
  expect(pickSentences(same.join(' '))).toHaveLength(1)
})

test('what is short stays whole, and prose is not required', () => {
  expect(pickSentences('It ran. It stopped.')).toEqual(['It ran.', 'It stopped.'])
  expect(pickSentences('indicators')).toEqual(['indicators'])
  expect(pickSentences('!!!')).toEqual(['!!!'])
})

test('a token limit leaves out what does not fit but never everything', () => {
  expect(pickSentences(REPORT, 1)).toHaveLength(1)
  expect(pickSentences(REPORT, 40).length).toBeLessThan(3)
})

test('the rank is the stationary vector of the PageRank equation, worked out by hand', () => {
  // Two linked sentences and one that shares no word. By symmetry of the link only the jump differs:
  // with jump j = (6, 3, 2)/11 and d = 0.85: c = (0.15 + 0.85c)·j3, then a = m·j1 + d·b, b = m·j2 + d·a, m = 0.15 + 0.85c.
  const scores = rankSentences(['zeta omega', 'omega zeta', 'kappa'])
  const j = [6 / 11, 3 / 11, 2 / 11] as const
  const c = (0.15 * j[2]) / (1 - 0.85 * j[2])
  const m = 0.15 + 0.85 * c
  const a = (m * (j[0] + 0.85 * j[1])) / (1 - 0.85 ** 2)
  const b = m * j[1] + 0.85 * a
  expect(scores[0]).toBeCloseTo(a, 4)
  expect(scores[1]).toBeCloseTo(b, 4)
  expect(scores[2]).toBeCloseTo(c, 4)
  expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 6)
})

test('similarity is the cosine', () => {
  expect(similarity('zeta omega', 'Omega, zeta!')).toBeCloseTo(1, 12)
  expect(similarity('zeta omega', 'zeta kappa')).toBeCloseTo(0.5, 12)
  expect(similarity('zeta', 'kappa')).toBe(0)
  expect(similarity('!', '?')).toBe(0)
})

test('a megabyte without a sentence end, and one of short sentences, take less than a second', () => {
  for (const text of [Array.from({ length: 150_000 }, (_, i) => `w${i}`).join(' '), 'A dog ran. '.repeat(95_000)]) {
    const started = performance.now()
    pickSentences(text)
    expect(performance.now() - started).toBeLessThan(1_000)
  }
})
