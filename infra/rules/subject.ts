import { show, type Violation } from './rule.ts'

/** As Terraform names them; references are text in `${…}`. */
export type Attributes = Record<string, unknown>

export interface Resource {
  type: string
  name: string
  address: string
  attributes: Attributes
}

/** Terraform's JSON of one stack. */
export interface StackJson {
  provider?: Record<string, Attributes[]>
  resource?: Record<string, Record<string, Attributes>>
  data?: Record<string, Record<string, Attributes>>
}

/** A stack as the rules look at it. */
export interface Subject {
  json: StackJson
  /** All resources of these types, of all types when none is named. */
  of(...types: string[]): Resource[]
}

export function subjectOf(json: StackJson): Subject {
  const resources = Object.entries(json.resource ?? {}).flatMap(([type, named]) =>
    Object.entries(named).map(([name, attributes]) => ({ type, name, address: `${type}.${name}`, attributes })),
  )
  return { json, of: (...types) => resources.filter(({ type }) => types.length === 0 || types.includes(type)) }
}

/** Values at a path of names, through lists and blocks: Terraform writes one block as an object or as a list of one. */
export function values(from: unknown, path: string): unknown[] {
  const [name, ...rest] = path.split('.')
  if (Array.isArray(from)) return from.flatMap((each) => values(each, path))
  if (typeof from !== 'object' || from === null) return []
  const found = (from as Attributes)[name!]
  if (found === undefined || found === null) return []
  if (rest.length > 0) return values(found, rest.join('.'))
  return Array.isArray(found) ? found : [found]
}

/** The first value at a path. */
export const value = (from: unknown, path: string): unknown => values(from, path)[0]

/** Whether a value holds a reference to the resource. */
export const refersTo = (text: unknown, { address }: Resource): boolean =>
  new RegExp(`(?<![\\w.-])${address}(?![\\w-])`).test(JSON.stringify(text) ?? '')

/** Those of the resources to which the value refers. */
export const referred = (resources: Resource[], text: unknown): Resource[] =>
  resources.filter((resource) => refersTo(text, resource))

/** A violation for each of the resources whose value at the path is not the expected one; `true` and `'true'` are the same. */
export function each(resources: Resource[], path: string, expected: boolean | number | string): Violation[] {
  return resources
    .filter(({ attributes }) => String(value(attributes, path)) !== String(expected))
    .map(({ address, attributes }) => ({
      address,
      expected: `${path} = ${expected}`,
      came: show(value(attributes, path)),
    }))
}

/** A violation when there is none of a type that must be there. */
export function needed(subject: Subject, type: string, why: string): Violation[] {
  return subject.of(type).length > 0 ? [] : [{ address: type, expected: why, came: 'nothing' }]
}
