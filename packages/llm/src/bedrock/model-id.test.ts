import { expect, test } from 'vitest'
import { defaultCatalogue } from '../catalogue.ts'
import { resolveModel } from './model-id.ts'

const place = (region = 'us-east-1') => ({ catalogue: defaultCatalogue, region, now: new Date('2026-11-21') })
const resolve = (name: string, region?: string) => resolveModel(name, place(region))

test.each([
  ['amazon.nova-lite-v1:0', 'us-east-1', 'amazon.nova-lite-v1:0', 'region'],
  ['us.amazon.nova-lite-v1:0', 'us-east-1', 'us.amazon.nova-lite-v1:0', 'geo'],
  ['amazon.nova-lite-v1:0', 'eu-central-1', 'eu.amazon.nova-lite-v1:0', 'geo'],
  ['meta.llama3-3-70b-instruct-v1:0', 'us-east-1', 'us.meta.llama3-3-70b-instruct-v1:0', 'geo'],
  ['meta.llama3-3-70b-instruct-v1:0', 'us-east-2', 'meta.llama3-3-70b-instruct-v1:0', 'region'],
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 'eu-central-1', 'eu.anthropic.claude-haiku-4-5-20251001-v1:0', 'geo'],
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 'ap-northeast-1', 'jp.anthropic.claude-haiku-4-5-20251001-v1:0', 'geo'],
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 'ap-southeast-2', 'au.anthropic.claude-haiku-4-5-20251001-v1:0', 'geo'],
  [
    'global.anthropic.claude-haiku-4-5-20251001-v1:0',
    'us-west-2',
    'global.anthropic.claude-haiku-4-5-20251001-v1:0',
    'global',
  ],
])('%s in %s is called as %s', (name, region, id, scope) => {
  expect(resolve(name, region)).toMatchObject({ id, scope, warnings: [] })
})

test.each([
  ['llama3.2', 'us.meta.llama4-scout-17b-instruct-v1:0', '2026-07-07'],
  ['llama3.2:3b', 'us.meta.llama4-scout-17b-instruct-v1:0', '2026-07-07'],
  ['mistral:latest', 'amazon.nova-lite-v1:0', 'mistral'],
  ['phi3', 'amazon.nova-micro-v1:0', 'phi3'],
  ['claude-3-haiku', 'us.anthropic.claude-haiku-5-5', '2026-09-10'],
  ['anthropic.claude-3-haiku-20240307-v1:0', 'us.anthropic.claude-haiku-5-5', '2026-09-10'],
  ['us.meta.llama3-2-3b-instruct-v1:0', 'us.meta.llama4-scout-17b-instruct-v1:0', '2026-07-07'],
])('the dead or foreign name %s is answered by %s, and a warning says why', (name, id, why) => {
  const resolved = resolve(name)
  expect(resolved.id).toBe(id)
  expect(resolved.warnings.join(' ')).toContain(why)
})

test('a model that ends later than the catalogue was written gives way on that day', () => {
  const catalogue = structuredClone(defaultCatalogue)
  Object.assign(
    catalogue.models.find((model) => model.id === 'anthropic.claude-haiku-4-5-20251001-v1:0')!,
    { endOfLife: '2027-01-02' },
  )
  const on = (day: string) =>
    resolveModel('anthropic.claude-haiku-4-5-20251001-v1:0', { catalogue, region: 'us-east-1', now: new Date(day) }).id
  expect(on('2027-01-01')).toContain('haiku-4-5')
  expect(on('2027-01-02')).toContain('haiku-5-5')
})

test('leaving the geography, and having no profile at all, is said', () => {
  expect(resolve('anthropic.claude-haiku-4-5-20251001-v1:0', 'sa-east-1').warnings.join(' ')).toContain('any region')
  expect(resolve('meta.llama4-scout-17b-instruct-v1:0', 'eu-west-1').warnings.join(' ')).toContain(
    'no inference profile',
  )
})

test('an ARN is sent as it is, and its model is read from it where it tells', () => {
  const known = 'arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0'
  expect(resolve(known)).toMatchObject({ id: known, scope: 'geo', model: { name: 'Nova Lite' }, warnings: [] })
  const opaque = 'arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123'
  expect(resolve(opaque)).toMatchObject({ id: opaque, model: undefined })
  expect(resolve(opaque).warnings[0]).toContain('price is not known')
})

test.each(['new.model-v9:0', 'constructor', '__proto__'])(
  'the unknown name %s goes out unchanged, with a warning',
  (name) => {
    expect(resolve(name)).toMatchObject({ id: name, model: undefined })
    expect(resolve(name).warnings).toHaveLength(1)
  },
)
