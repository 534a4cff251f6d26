import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { findTechniques } from './find.ts'

const corpus = new URL('../../../../../shared/corpus/', import.meta.url)
const Report = z.object({
  document: z.string(),
  entities: z.array(z.object({ url: z.string(), type: z.string(), class: z.string() })),
})

/** Experts marked 55 reports; they mark techniques, mostly without the sub-technique, so parents are compared. */
test.skipIf(!existsSync(corpus))('finds most of the techniques that experts saw named in real reports', () => {
  const lines = readFileSync(new URL('gold.jsonl', corpus), 'utf8').trim().split('\n')
  const count = { reports: 0, right: 0, implied: 0, wrong: 0, missed: 0 }
  for (const { document, entities } of lines.map((line) => Report.parse(JSON.parse(line)))) {
    if (entities.length === 0) continue
    count.reports += 1
    const idsOf = (kind: string) =>
      new Set(
        entities
          .filter((entity) => entity.type === 'TECHNIQUE' && entity.class === kind)
          .flatMap(({ url }) => /T\d{4}/.exec(url)?.[0] ?? []),
      )
    const [named, implied] = [idsOf('CE'), idsOf('CI')]
    const text = readFileSync(new URL(`reports/${document}.txt`, corpus), 'utf8')
    const found = new Set(findTechniques(text).map(({ id }) => id.slice(0, 5)))
    for (const id of found) count[named.has(id) ? 'right' : implied.has(id) ? 'implied' : 'wrong'] += 1
    for (const id of named) if (!found.has(id)) count.missed += 1
  }
  const { right, implied, wrong, missed } = count
  const precision = right / (right + implied + wrong)
  const recall = right / (right + missed)
  console.log({ ...count, precision, recall })
  expect(count.reports).toBe(55)
  expect(precision).toBeGreaterThan(0.55)
  expect(recall).toBeGreaterThan(0.55)
})
