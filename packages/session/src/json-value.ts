import type { z } from 'zod'

/** The value does not fit its schema, or is not plain JSON. */
export class ValueInvalid extends Error {
  override readonly name = 'ValueInvalid'
}

/** The value is larger than the limit. */
export class ValueTooLarge extends Error {
  override readonly name = 'ValueTooLarge'
}

export interface ValueRules<Value> {
  /** What the value is called in messages. */
  readonly name: string
  readonly schema: z.ZodType<Value>
  readonly maxSizeBytes: number
}

const maxDepth = 64

/**
 * The value as it will be read back from its JSON text. Throws ValueInvalid or ValueTooLarge; messages name places
 * and types, never contents.
 */
export function checkValue<Value>({ name, schema, maxSizeBytes }: ValueRules<Value>, value: unknown): Value {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new ValueInvalid(`${name} does not fit its schema: ${describeIssues(parsed.error)}`)
  const foreign = findForeign(parsed.data, name)
  if (foreign !== undefined) throw new ValueInvalid(`${foreign}; expected plain JSON`)
  const json = JSON.stringify(parsed.data)
  const sizeBytes = Buffer.byteLength(json)
  if (sizeBytes > maxSizeBytes) {
    throw new ValueTooLarge(`${name} is ${sizeBytes} bytes as JSON; at most ${maxSizeBytes} are allowed`)
  }
  const readBack = schema.safeParse(JSON.parse(json))
  if (readBack.success) return readBack.data
  throw new ValueInvalid(`${name} would not fit its schema when read back: ${describeIssues(readBack.error)}`)
}

/** JSON text of any origin as a value of the schema, or undefined if it is not one. */
export function parseJson<Value>(schema: z.ZodType<Value>, json: string): Value | undefined {
  try {
    return schema.safeParse(JSON.parse(json)).data
  } catch {
    return undefined
  }
}

function describeIssues(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || '(all)'}: ${message}`).join('; ')
}

/** Says where something stands that JSON would lose or change. A property that is undefined counts as absent. */
function findForeign(value: unknown, path: string, depth = 0): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`
  if (typeof value !== 'object') return `${path} is of type ${typeof value}`
  if (depth === maxDepth) return `${path} is nested more than ${maxDepth} levels deep`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    return `${path} is a ${value.constructor.name}`
  }
  const items = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value).filter(([, item]) => item !== undefined)
  for (const [key, item] of items) {
    const found = findForeign(item, `${path}.${key}`, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
