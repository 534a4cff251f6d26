import { readdirSync, readFileSync } from 'node:fs'
import { corpus, corpusIsAbsent } from '@dayshift/domain/testing'
import { expect, test } from 'vitest'
import { workload } from './articles-cost.ts'

test.skipIf(corpusIsAbsent)('the article that costs are reckoned with is the mean of the corpus', () => {
  const folder = new URL('reports/', corpus)
  const bodies = readdirSync(folder).map((file) => {
    const [title = '', ...lines] = readFileSync(new URL(file, folder), 'utf8').split('\n')
    return { title: title.trim().length, text: lines.join('\n').trim().length }
  })
  const mean = (lengths: number[]) => Math.round(lengths.reduce((sum, length) => sum + length, 0) / lengths.length)
  expect(mean(bodies.map(({ text }) => text))).toBe(workload.embeddedCharacters)
  expect(mean(bodies.map(({ text }) => Math.min(text, 60_000)))).toBe(workload.summarizedCharacters)
  expect(246 + 30 + mean(bodies.map(({ title }) => title))).toBe(workload.promptCharacters)
})
