import { readFileSync } from 'node:fs'
import { htmlToText } from '@dayshift/domain/documents'
import { findIndicators } from '@dayshift/domain/indicators'
import { findTechniques } from '@dayshift/domain/techniques'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defaultSources, listSamples } from './index.ts'

const Expected = z.record(
  z.string(),
  z.object({ indicators: z.array(z.string()), techniques: z.array(z.string()), absent: z.array(z.string()) }),
)
const expected = Expected.parse(JSON.parse(readFileSync(new URL('reports/expected.json', import.meta.url), 'utf8')))
const samples = listSamples()

test('every sample has its expectations and a stable key', () => {
  expect(samples.map(({ key }) => key).sort()).toEqual(Object.keys(expected).sort())
  expect(samples.length).toBeGreaterThanOrEqual(12)
})

test.each(samples)('$key gives exactly what it was written to give', ({ key, title, publishedAt, html }) => {
  const text = htmlToText(html)
  const { indicators = [], techniques = [], absent = [] } = expected[key] ?? {}
  const found = findIndicators(text)
  expect(found.map(({ kind, value }) => `${kind} ${value}`).sort()).toEqual(indicators.toSorted())
  expect(
    findTechniques(text)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(techniques.toSorted())
  for (const trap of absent) {
    expect(text).toContain(trap)
    expect(found.map(({ written }) => written)).not.toContain(trap)
  }
  expect(title).not.toMatch(/[<&]/)
  expect(new Date(publishedAt).toISOString()).toBe(publishedAt.replace('Z', '.000Z'))
  expect(text.split(/\s+/).length).toBeGreaterThan(150)
  expect(text.split(/\s+/).length).toBeLessThan(350)
})

test('samples come from the newest', () => {
  const dates = samples.map(({ publishedAt }) => publishedAt)
  expect(dates).toEqual(dates.toSorted().reverse())
})

test('the default sources are distinct https feeds', () => {
  const urls = defaultSources.map(({ url }) => new URL(url))
  expect(urls.every(({ protocol }) => protocol === 'https:')).toBe(true)
  expect(new Set(urls.map(String)).size).toBe(defaultSources.length)
})
