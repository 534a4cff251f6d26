import { createLocalProvider, createModelListing, defaultCatalogue } from '@dayshift/llm'
import { StartError } from '@dayshift/runtime'
import { expect, test } from 'vitest'
import { freeTarget, planText, readBackfill, sentText } from './backfill-text.ts'

test('the command says what is to be filled, from whom, how much, and whether to do it', () => {
  expect(readBackfill(['summaries'])).toEqual({ from: undefined, limit: 1_000, dryRun: false })
  expect(readBackfill(['summaries', '--from', 'local', '--limit', '20', '--dry-run'])).toEqual({
    from: 'local',
    limit: 20,
    dryRun: true,
  })
})

test.each([
  [[]],
  [['embeddings']],
  [['summaries', 'twice']],
  [['summaries', '--limit', '0']],
  [['summaries', '--frm', 'x']],
])('%j is refused in one line', (args) => {
  expect(() => readBackfill(args)).toThrow(StartError)
})

test('the plan says what it costs at most before anything is done', () => {
  const plan = { articleIds: ['a', 'b'], way: 'batch', model: undefined, worstCaseUsd: 0.01234 } as const
  expect(planText({ ...plan, articleIds: [...plan.articleIds] })).toBe(
    '2 articles to summarise in batches, answered within a day. At most that costs $0.0123.',
  )
  expect(planText({ ...plan, articleIds: ['a'], way: 'jobs', worstCaseUsd: null })).toMatch(
    /^1 article to summarise by ordinary jobs of the worker\. What that costs at most is not known/,
  )
  expect(planText({ ...plan, articleIds: [], worstCaseUsd: 0 })).toBe(
    'Every article has its summary, or is waiting for it.',
  )
})

test('what costs nothing is said to cost nothing, and what is bought is not', () => {
  const plan = { articleIds: ['a'], way: 'jobs', model: undefined, worstCaseUsd: 0 } as const
  expect(planText({ ...plan, articleIds: ['a'] })).toBe(
    '1 article to summarise by ordinary jobs of the worker. It costs nothing.',
  )
  const catalogue = defaultCatalogue
  expect(freeTarget(createModelListing([createLocalProvider()], catalogue))).toMatchObject({
    provider: 'local',
    free: true,
  })
  const [bought] = createModelListing([createLocalProvider()], catalogue).list()
  const listing = { list: () => [{ ...bought!, provider: 'bedrock' }], find: () => undefined }
  expect(freeTarget(listing)).toBeUndefined()
})

test('the end says what was entered', () => {
  expect(sentText({ batchIds: ['b-1', 'b-2'], jobs: 0 })).toBe('2 batches entered: b-1, b-2.')
  expect(sentText({ batchIds: [], jobs: 1 })).toBe('1 job queued.')
  expect(sentText({ batchIds: [], jobs: 0 })).toBe('0 jobs queued.')
})
