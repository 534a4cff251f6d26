import { expect, test } from 'vitest'
import { defaultCatalogue, findModel, parseCatalogue } from './catalogue.ts'
import type { Price, Scope, TextModel } from './catalogue.ts'

const changed = (change: (copy: typeof defaultCatalogue) => void) => {
  const copy = structuredClone(defaultCatalogue)
  change(copy)
  return () => parseCatalogue(copy)
}

test('aliases and replacements lead to live models', () => {
  const status = (id: string) => defaultCatalogue.models.find((model) => model.id === id)!.status
  for (const { model } of Object.values(defaultCatalogue.aliases)) expect(status(model)).toBe('active')
  for (const model of defaultCatalogue.models) {
    if (model.status !== 'end-of-life') continue
    expect(model.endOfLife! <= defaultCatalogue.version).toBe(true)
    expect(status(model.replacement!)).toBe('active')
  }
})

test('every live model has a standard price', () => {
  const live = defaultCatalogue.models.filter((model) => model.status === 'active')
  const unpriced = live.filter((model) => !model.prices.some((price) => price.tier === 'standard'))
  expect(unpriced.map((model) => model.id)).toEqual([])
})

test('every live model can be called somewhere', () => {
  const live = defaultCatalogue.models.filter((model) => model.status === 'active')
  expect(live.filter(({ onDemand, profiles }) => onDemand === false && profiles.length === 0)).toEqual([])
})

test('rows for one scope and tier stand in rising order, and the last is for any length', () => {
  for (const { id, prices } of defaultCatalogue.models) {
    const lists = Object.values(
      Object.groupBy(
        prices.flatMap((price) => price.scopes.map((scope) => ({ ...price, scope }))),
        ({ scope, tier }) => `${scope} ${tier}`,
      ),
    )
    for (const rows of lists) {
      const limits = rows.map(({ upToInputTokens }) => upToInputTokens ?? Infinity)
      expect([id, limits]).toEqual([id, limits.toSorted((a, b) => a - b)])
      expect([id, limits.at(-1), new Set(limits).size]).toEqual([id, Infinity, limits.length])
    }
  }
})

test('flex and batch cost less than standard, priority more', () => {
  for (const { id, prices } of defaultCatalogue.models) {
    for (const { tier, scopes, usdPerMillion } of prices.filter((price) => price.tier !== 'standard')) {
      const standard = prices.find((price) => price.tier === 'standard' && price.scopes.includes(scopes[0]!))!
      const dearer = usdPerMillion.input > standard.usdPerMillion.input
      expect([id, tier, dearer]).toEqual([id, tier, tier === 'priority'])
    }
  }
})

test('what may be kept for an hour has a price for it', () => {
  for (const model of defaultCatalogue.models) {
    if (model.kind !== 'text' || !model.capabilities.promptCache?.ttls.includes('1h')) continue
    const [first] = model.prices.filter(({ tier }) => tier === 'standard')
    expect([model.id, first!.usdPerMillion.cacheWrite1h]).toEqual([model.id, expect.any(Number)])
  }
})

// Hand-checked: the vendor's lists for a million tokens in and out.
test.each<[string, Scope, Price['tier'], [input: number, output: number]]>([
  ['amazon.nova-2-lite-v1:0', 'global', 'flex', [0.15, 1.25]],
  ['amazon.nova-2-lite-v1:0', 'geo', 'flex', [0.165, 1.375]],
  ['amazon.nova-2-lite-v1:0', 'global', 'priority', [0.525, 4.375]],
  ['amazon.nova-2-lite-v1:0', 'geo', 'priority', [0.5775, 4.8125]],
  ['amazon.nova-2-lite-v1:0', 'geo', 'batch', [0.1595, 1.342]],
  ['amazon.nova-micro-v1:0', 'region', 'batch', [0.0175, 0.07]],
  ['amazon.nova-lite-v1:0', 'region', 'batch', [0.03, 0.12]],
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 'global', 'batch', [0.5, 2.5]],
  ['meta.llama3-3-70b-instruct-v1:0', 'geo', 'batch', [0.36, 0.36]],
  ['meta.llama4-scout-17b-instruct-v1:0', 'geo', 'batch', [0.085, 0.33]],
  ['meta.llama4-maverick-17b-instruct-v1:0', 'geo', 'batch', [0.12, 0.485]],
  ['amazon.nova-2-multimodal-embeddings-v1:0', 'region', 'batch', [0.0675, 0]],
])('%s (%s, %s) has the listed price', (id, scope, tier, [input, output]) => {
  const rows = findModel(defaultCatalogue, id)!.prices.filter((price) => price.tier === tier)
  expect(rows.find(({ scopes }) => scopes.includes(scope))?.usdPerMillion).toMatchObject({ input, output })
})

test.each([
  ['an unknown field', (copy: object) => Object.assign(copy, { extra: 1 }), 'extra'],
  [
    'a dangling alias',
    (copy: typeof defaultCatalogue) => (copy.aliases['x'] = { model: 'nowhere', reason: 'r' }),
    '"nowhere"',
  ],
  ['a dangling replacement', (copy: typeof defaultCatalogue) => (copy.models[0]!.replacement = 'gone'), '"gone"'],
  ['an id twice', (copy: typeof defaultCatalogue) => copy.models.push(copy.models[0]!), 'twice'],
  [
    'a day that does not exist',
    (copy: typeof defaultCatalogue) => (copy.models[0]!.endOfLife = '2026-02-30'),
    'endOfLife',
  ],
  ['a limit of none', (copy: typeof defaultCatalogue) => (copy.models[0]!.limits = { concurrency: 0 }), 'concurrency'],
  [
    'a capability that is missing',
    (copy: typeof defaultCatalogue) => Reflect.deleteProperty((copy.models[0] as TextModel).capabilities, 'topK'),
    'topK',
  ],
  [
    'a negative price',
    (copy: typeof defaultCatalogue) => (copy.models[0]!.prices[0]!.usdPerMillion.input = -1),
    'input',
  ],
])('%s is an error that names it', (_, change, words) => {
  expect(changed(change)).toThrow(words)
})
