import type { Statement } from '../../src/policy.ts'
import type { Attributes, StackJson } from '../subject.ts'

/** Stacks in which something is broken: production in a profile, a sleeping lodger, and what an account has once. */
export type On = 'economy' | 'ha' | 'lodger' | 'account'

/** One way to break one rule. */
export interface Break {
  rule: string
  what: string
  /** Where; `ha` has most. */
  on?: On
  mutate(stack: Mutable): void
}

/** A stack to break things in. */
export interface Mutable {
  json: StackJson
  /** Attributes of a resource. Throws when it is not there: a mutation that changes nothing proves nothing. */
  at(type: string, name: string): Attributes
  /** A block or attribute inside of a resource, by a path of names and indices. */
  inside(type: string, name: string, path: string): Attributes
  /** Takes a resource away, or all of a type. */
  remove(type: string, name?: string): void
  add(type: string, name: string, attributes: Attributes): void
  /** Statements of a policy, to change or add to. */
  policy(type: string, name: string, change: (statements: Statement[]) => unknown, attribute?: string): void
  /** The one container of a task definition. */
  container(task: string, change: (definition: Attributes) => unknown): void
}

export function mutable(json: StackJson): Mutable {
  const at = (type: string, name: string): Attributes => {
    const found = json.resource?.[type]?.[name]
    if (!found) throw new Error(`There is no ${type}.${name}: ${Object.keys(json.resource?.[type] ?? {}).join(', ')}`)
    return found
  }
  const rewrite = (type: string, name: string, attribute: string, change: (value: unknown) => unknown): void => {
    const value: unknown = JSON.parse(String(at(type, name)[attribute]))
    change(value)
    at(type, name)[attribute] = JSON.stringify(value)
  }
  return {
    json,
    at,
    inside: (type, name, path) =>
      path.split('.').reduce<Attributes>(
        (from, key) => {
          const found = from[key] as Attributes | undefined
          if (!found) throw new Error(`There is no ${path} in ${type}.${name}: it ends before ${key}.`)
          return found
        },
        at(type, name),
      ),
    remove: (type, name) => {
      if (name !== undefined) at(type, name)
      else if (!json.resource?.[type]) throw new Error(`There is no ${type}.`)
      if (name === undefined) delete json.resource![type]
      else delete json.resource![type]![name]
    },
    add: (type, name, attributes) => {
      json.resource = { ...json.resource, [type]: { ...json.resource?.[type], [name]: attributes } }
    },
    policy: (type, name, change, attribute = 'policy') =>
      rewrite(type, name, attribute, (policy) => change((policy as { Statement: Statement[] }).Statement)),
    container: (task, change) =>
      rewrite('aws_ecs_task_definition', task, 'container_definitions', (definitions) =>
        change((definitions as Attributes[])[0]!),
      ),
  }
}

/** A break that only sets one attribute; nothing takes it away. */
export const sets = (rule: string, address: string, attribute: string, value: unknown, on: On = 'ha'): Break => ({
  rule,
  what: `${address} ${value === undefined ? 'without' : 'with another'} ${attribute}`,
  on,
  mutate: ({ at, inside }) => {
    const [type, name] = address.split('.') as [string, string]
    const path = attribute.split('.')
    const last = path.pop()!
    const holder = path.length > 0 ? inside(type, name, path.join('.')) : at(type, name)
    if (!(last in holder)) throw new Error(`${address} has no ${attribute}.`)
    if (value === undefined) delete holder[last]
    else holder[last] = value
  },
})

/** A break that takes away a resource, or all of a type. */
export const without = (rule: string, address: string, on: On = 'ha'): Break => ({
  rule,
  what: `no ${address}`,
  on,
  mutate: ({ remove }) => {
    const [type, name] = address.split('.') as [string, string?]
    remove(type, name)
  },
})
