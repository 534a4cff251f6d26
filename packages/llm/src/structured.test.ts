import { expect, test } from 'vitest'
import { z } from 'zod'
import { fromJsonSchema, jsonSchemaOf } from './structured.ts'

// The example of json-schema.org/learn/getting-started-step-by-step, shortened.
const product = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    productId: { type: 'integer' },
    price: { type: 'number', exclusiveMinimum: 0 },
    tags: { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true },
  },
  required: ['productId', 'price'],
}

test('a caller’s JSON schema checks values and is shown to the model as it came', () => {
  const schema = fromJsonSchema(product)
  const good = { productId: 1, price: 12.5, tags: ['green'] }
  expect(schema.parse(good)).toEqual(good)
  expect(jsonSchemaOf(schema)).toBe(product)
  for (const bad of [{ price: 1 }, { productId: 1.5, price: 1 }, { productId: 1, price: 0 }, [], 'text', null]) {
    expect(schema.safeParse(bad).success).toBe(false)
  }
  const message = schema.safeParse({ productId: 1, price: 2, tags: ['a', 'a'] }).error?.issues[0]
  expect(message?.path).toEqual(['tags'])
})

test('references within the document are followed', () => {
  const schema = fromJsonSchema({ $ref: '#/$defs/word', $defs: { word: { type: 'string', minLength: 2 } } })
  expect([schema.safeParse('ab').success, schema.safeParse('a').success]).toEqual([true, false])
})

test.each([
  [{ type: 1 }],
  [{ type: 'text' }],
  [{ properties: { a: { type: 'any' } } }],
  [{ required: 'a' }],
  [{ anyOf: [3] }],
  [{ items: { enum: 'a' } }],
  [{ pattern: '(' }],
  [{ $ref: '#/$defs/missing' }],
])('%j is refused as no schema', (document) => {
  expect(() => fromJsonSchema(document)).toThrow(RangeError)
})

test('a schema of zod is shown as JSON schema without its dialect', () => {
  expect(jsonSchemaOf(z.object({ a: z.string() }))).toMatchObject({
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
  })
})
