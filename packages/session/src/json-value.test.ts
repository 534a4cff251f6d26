import { expect, test } from 'vitest'
import { z } from 'zod'
import { checkValue, ValueInvalid } from './json-value.ts'

const anything = { name: 'The value', schema: z.unknown(), maxSizeBytes: 4_096 }
const circle: Record<string, unknown> = {}
circle.self = circle

test.each([
  [{ at: new Date(0) }, 'The value.at is a Date; expected plain JSON'],
  [new Map(), 'The value is a Map; expected plain JSON'],
  [{ list: [1, undefined] }, 'The value.list.1 is of type undefined; expected plain JSON'],
  [{ n: Number.NaN }, 'The value.n is NaN; expected plain JSON'],
  [{ n: 1n }, 'The value.n is of type bigint; expected plain JSON'],
  [undefined, 'The value is of type undefined; expected plain JSON'],
  [{ toJSON: () => 1 }, 'The value.toJSON is of type function; expected plain JSON'],
])('what JSON would lose or change is refused and its place named: %o', (value, message) => {
  expect(() => checkValue(anything, value)).toThrow(new ValueInvalid(message))
})

test('a circle is refused', () => {
  expect(() => checkValue(anything, circle)).toThrow(/more than 64 levels/)
})

test('a value that its schema would not read back is refused', () => {
  const schema = z.string().transform((text) => text.length)
  expect(() => checkValue({ ...anything, schema }, 'four')).toThrow(/would not fit its schema when read back/)
})

test('a property that is undefined counts as absent, and unknown properties are dropped', () => {
  const schema = z.object({ a: z.number().optional(), b: z.string() })
  expect(checkValue({ ...anything, schema }, { a: undefined, b: 'x', c: 1 })).toStrictEqual({ b: 'x' })
})

test('the message names the place and not the content', () => {
  const schema = z.object({ user: z.object({ id: z.number() }) })
  expect(() => checkValue({ ...anything, schema }, { user: { id: 'hunter2' } })).toThrow(
    /^The value does not fit its schema: user.id: (?!.*hunter2)/,
  )
})
