import { z } from 'zod'
import { jsonOf } from '../model-api/json-body.ts'
import { Refusal } from './errors.ts'

type Issue = Pick<z.core.$ZodIssue, 'path' | 'message' | 'input'> & { expected?: string }

/**
 * The body as `schema`, whose `name` is that of Ollama's Go type; refused in the words of Go's JSON decoder.
 * As there, null is an absent value and unknown fields are ignored.
 */
export function unmarshal<Schema extends z.ZodType>(schema: Schema, name: string, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(read(body), { reportInput: true })
  if (parsed.success) return parsed.data
  const { path, expected, input, message } = parsed.error.issues[0]! as Issue
  if (expected === undefined) throw new Refusal(400, message)
  const field = path.filter((part) => typeof part === 'string').join('.')
  const place =
    field === '' ? `value of type api.${name}` : `struct field ${name}.${field} of type ${goTypeOf(expected)}`
  throw new Refusal(400, `json: cannot unmarshal ${kindOf(input)} into Go ${place}`)
}

function read(body: unknown): unknown {
  try {
    const value = jsonOf(body)
    if (value !== undefined) return value
  } catch (error) {
    throw new Refusal(400, `invalid JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  throw new Refusal(400, 'missing request body')
}

const goTypes: Record<string, string> = {
  boolean: 'bool',
  int: 'int',
  number: 'float64',
  array: '[]interface {}',
  object: 'map[string]interface {}',
  record: 'map[string]interface {}',
}
const goTypeOf = (expected: string): string => goTypes[expected] ?? expected

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`
  return typeof value === 'boolean' ? 'bool' : typeof value
}
