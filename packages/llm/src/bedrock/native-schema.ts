import type { JsonSchema } from '../structured.ts'

/** Checked here after the answer; the vendor refuses schemas that have them. */
const NOT_TAKEN = new Set([
  '$schema',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'maxItems',
  'uniqueItems',
])
const FORMATS = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'])
/** Keywords whose value is a schema, a list of schemas, and schemas by name. */
const SCHEMA = new Set(['items'])
const SCHEMAS = new Set(['anyOf', 'allOf'])
const BY_NAME = new Set(['properties', '$defs', 'definitions'])
/** What is passed on as it is. */
const PLAIN = new Set(['type', 'enum', 'const', 'default', 'description', 'title', 'required'])

/**
 * The schema as the vendor's own structured output takes it: objects are closed, and conditions that it cannot hold are left
 * to our check of the answer. Undefined when leaving out would not do: open maps, recursion, or keywords not known here.
 * Source: Amazon Bedrock user guide, "Get validated JSON results from models".
 */
export function toNativeSchema(schema: JsonSchema): JsonSchema | undefined {
  // References may be recursive, which the vendor refuses.
  if (schema.type !== 'object' || JSON.stringify(schema).includes('"$ref"')) return undefined
  return convert(schema)
}

function convert(schema: unknown): JsonSchema | undefined {
  if (!isObject(schema)) return undefined
  const result: JsonSchema = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (NOT_TAKEN.has(keyword) || keyword === 'additionalProperties') continue
    const converted = convertKeyword(keyword, value)
    if (converted === undefined) return undefined
    if (converted !== null) result[keyword] = converted
  }
  if (schema.type !== 'object') return result
  const { additionalProperties: open, properties } = schema
  // An object whose members are not named would come back empty.
  if ((open !== undefined && open !== false) || !isObject(properties)) return undefined
  return { ...result, additionalProperties: false }
}

/** Null leaves the keyword out. */
function convertKeyword(keyword: string, value: unknown): unknown {
  if (PLAIN.has(keyword)) return value
  if (keyword === 'format') return FORMATS.has(String(value)) ? value : null
  if (keyword === 'minItems') return value === 0 || value === 1 ? value : null
  if (SCHEMA.has(keyword)) return convert(value)
  if (SCHEMAS.has(keyword) && Array.isArray(value)) return allOrNothing(value.map(convert))
  if (BY_NAME.has(keyword) && isObject(value)) {
    const names = Object.keys(value)
    const converted = allOrNothing(Object.values(value).map(convert))
    return converted && Object.fromEntries(names.map((name, i) => [name, converted[i]]))
  }
  return undefined
}

const allOrNothing = <T>(items: (T | undefined)[]): T[] | undefined =>
  items.every((item) => item !== undefined) ? items : undefined

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
