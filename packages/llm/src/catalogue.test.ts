import { expect, test } from 'vitest'
import { defaultCatalogue, parseCatalogue } from './catalogue.ts'

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
  [
    'a negative price',
    (copy: typeof defaultCatalogue) => (copy.models[0]!.prices[0]!.usdPerMillion.input = -1),
    'input',
  ],
])('%s is an error that names it', (_, change, words) => {
  expect(changed(change)).toThrow(words)
})
