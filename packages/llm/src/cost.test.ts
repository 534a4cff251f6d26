import { expect, test } from 'vitest'
import { defaultCatalogue, findModel } from './catalogue.ts'
import type { Scope } from './catalogue.ts'
import { costOf } from './cost.ts'
import type { Usage } from './llm.ts'

const usage = (some: Partial<Usage>): Usage => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  ...some,
})
const cost = (id: string, scope: Scope, some: Partial<Usage>) =>
  costOf(findModel(defaultCatalogue, id), id, scope, usage(some))
const HAIKU_4_5 = 'anthropic.claude-haiku-4-5-20251001-v1:0'
const HAIKU_5_5 = 'anthropic.claude-haiku-5-5'
const MILLION = 1_000_000

// Vendor's prices for a million tokens, in and out.
test.each<[string, Scope, number]>([
  [HAIKU_4_5, 'global', 1 + 5],
  [HAIKU_4_5, 'geo', 1.1 + 5.5],
  ['amazon.nova-micro-v1:0', 'region', 0.035 + 0.14],
  ['amazon.nova-2-lite-v1:0', 'geo', 0.33 + 2.75],
  ['meta.llama4-scout-17b-instruct-v1:0', 'geo', 0.17 + 0.66],
  ['meta.llama3-3-70b-instruct-v1:0', 'region', 0.72 + 0.72],
])('%s (%s): a million in and a million out', (id, scope, usd) => {
  expect(cost(id, scope, { inputTokens: MILLION, outputTokens: MILLION }).costUsd).toBeCloseTo(usd, 9)
})

test('cache reads and writes have their own price', () => {
  const { costUsd } = cost(HAIKU_4_5, 'global', {
    inputTokens: 100,
    cacheReadTokens: MILLION,
    cacheWriteTokens: MILLION,
  })
  expect(costUsd).toBeCloseTo(0.0001 + 0.1 + 1.25, 9)
})

test('a long prompt costs the higher price for all its tokens, cache included', () => {
  expect(cost(HAIKU_5_5, 'global', { inputTokens: 100_000 }).costUsd).toBeCloseTo(0.01, 9)
  expect(cost(HAIKU_5_5, 'global', { inputTokens: 100_001 }).costUsd).toBeCloseTo(0.0500005, 9)
})

test('what has no price is null with a warning, never 0', () => {
  for (const { costUsd, warnings } of [
    cost('no.such', 'region', { inputTokens: 1 }),
    cost('meta.llama3-2-90b-instruct-v1:0', 'geo', { inputTokens: 1 }),
    cost('amazon.nova-2-lite-v1:0', 'region', { inputTokens: 1 }),
    cost('amazon.nova-lite-v1:0', 'region', { inputTokens: 1, cacheWriteTokens: 1 }),
  ]) {
    expect(costUsd).toBeNull()
    expect(warnings[0]).toContain('The cost is not known')
  }
})
