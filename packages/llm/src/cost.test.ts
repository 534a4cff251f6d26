import { expect, test } from 'vitest'
import { z } from 'zod'
import { defaultCatalogue, findModel } from './catalogue.ts'
import type { Scope } from './catalogue.ts'
import { costOf, tierOn, worstCaseOf } from './cost.ts'
import type { TextRequest, Usage } from './llm.ts'

const usage = (some: Partial<Usage>): Usage => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  ...some,
})
const cost = (id: string, scope: Scope, some: Partial<Usage>) =>
  costOf({ id, model: findModel(defaultCatalogue, id), scope }, usage(some))
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

test('no tokens cost nothing, also where the price is not known', () => {
  expect(cost('no.such', 'region', {})).toEqual({ costUsd: 0, warnings: [] })
})

const priced = (id: string, scope: Scope = 'region') => ({ id, model: findModel(defaultCatalogue, id), scope })
const ask = (more: Partial<TextRequest> = {}): TextRequest => ({
  feature: 'f',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'x'.repeat(2_000) }] }],
  ...more,
})

test('the worst case is two bytes a token in and every token that is allowed out', () => {
  // 1,000 tokens and 32 around each of system and text at $0.06, 500 at $0.24 a million.
  const usd = worstCaseOf(priced('amazon.nova-lite-v1:0'), ask({ maxTokens: 500 }), 'standard')
  expect(usd).toBeCloseTo((1_064 * 0.06 + 500 * 0.24) / MILLION, 12)
  expect(worstCaseOf(priced('amazon.nova-lite-v1:0'), ask({ maxTokens: 500 }), 'batch')).toBeCloseTo(usd! / 2, 12)
  // More than the model gives is not sent.
  const most = worstCaseOf(priced('amazon.nova-lite-v1:0'), ask({ maxTokens: 1_000_000 }), 'standard')
  expect(most).toBeCloseTo((1_064 * 0.06 + 10_000 * 0.24) / MILLION, 12)
  expect(worstCaseOf(priced('no.such'), ask(), 'standard')).toBeNull()
  expect(worstCaseOf({ ...priced('no.such'), free: true }, ask(), 'standard')).toBe(0)
})

test('the worst case counts bytes, which other scripts have more of, and the schema that the model is shown', () => {
  const usd = (text: string, schema?: z.ZodType<undefined>) =>
    worstCaseOf(
      priced('amazon.nova-lite-v1:0'),
      { feature: 'f', maxTokens: 1, messages: [{ role: 'user', content: [{ type: 'text', text }] }], schema },
      'standard',
    )!
  // Two bytes for each of these letters in UTF-8.
  expect(usd('щ'.repeat(1_000)) - usd('x'.repeat(1_000))).toBeCloseTo((500 * 0.06) / MILLION, 12)
  const schema = z.undefined().or(z.object({ ['field'.repeat(100)]: z.string() })) as unknown as z.ZodType<undefined>
  expect(usd('x', schema) - usd('x')).toBeGreaterThan((250 * 0.06) / MILLION)
})

test('with a cache point the worst case is that all input is written to the cache', () => {
  const haiku = priced(HAIKU_4_5, 'global')
  const plain = worstCaseOf(haiku, ask({ maxTokens: 1 }), 'standard')
  expect(plain).toBeCloseTo((1_064 * 1 + 5) / MILLION, 12)
  expect(worstCaseOf(haiku, ask({ maxTokens: 1, cachePoints: { system: '5m' } }), 'standard')).toBeCloseTo(
    (1_064 * 1.25 + 5) / MILLION,
    12,
  )
  expect(worstCaseOf(haiku, ask({ maxTokens: 1, cachePoints: { tools: '1h' } }), 'standard')).toBeCloseTo(
    (1_064 * 2 + 5) / MILLION,
    12,
  )
})

test('a tier that the model has no price for is not offered there', () => {
  expect(tierOn(priced('amazon.nova-2-lite-v1:0'), 'flex')).toBe('flex')
  expect(tierOn(priced('amazon.nova-lite-v1:0'), 'flex')).toBe('standard')
  expect(tierOn({ model: undefined }, 'flex')).toBe('standard')
})
