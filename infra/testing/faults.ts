import { compute } from './checks/compute.ts'
import { data } from './checks/data.ts'
import { edge } from './checks/edge.ts'
import { type Check, type Checks, matches } from './checks/kinds.ts'
import { network } from './checks/network.ts'
import { watching } from './checks/watching.ts'
import type { Block } from './schema.ts'
import { elements, isObject, notYetKnown, type ObjectValue, type Value } from './values.ts'

/** Something that AWS or its provider would refuse. */
export interface Fault {
  /** The argument or block of the resource in which it is. */
  argument: string
  summary: string
}

/** By resource type: what we know that AWS refuses of the arguments that we use. It is not complete; a plan on AWS is the last word. */
export const checks: Checks = { ...network, ...compute, ...edge, ...data, ...watching }

const arn = matches(/^arn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.+/, 'an ARN')
const idOf = (prefix: string): Check =>
  matches(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `an id such as ${prefix}-0123456789abcdef0`)
// AWS refuses a network whose address has bits behind the mask; those that we use end with whole bytes or halves of one.
const ipv4Network = matches(/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, 'an IPv4 network such as 10.20.0.0/16')
const json: Check = {
  expected: 'JSON',
  holds: (value) => {
    try {
      return typeof JSON.parse(String(value)) === 'object'
    } catch {
      return false
    }
  },
}

/** What an argument's name alone tells of its value, in every resource. */
export const byName: [RegExp, Check][] = [
  [/(^|_)arns?$/, arn],
  [/^(alarm|ok|insufficient_data)_actions$/, arn],
  [/(^|_)vpc_id$/, idOf('vpc')],
  [/(^|_)subnet_ids?$|^subnets$/, idOf('subnet')],
  [/(^|_)security_group_ids?$|^security_groups$/, idOf('sg')],
  [/(^|_)route_table_ids?$/, idOf('rtb')],
  [/(^|_)prefix_list_ids?$/, idOf('pl')],
  [/(^|_)(cidr_block|cidr_ipv4)$/, ipv4Network],
  [/^(policy|assume_role_policy|container_definitions|dashboard_body|event_pattern)$/, json],
]

/** Members of these maps are the user's own words. */
const freeMap = /^(tags|tags_all|variables|configuration)$/

/** Says what of a configuration AWS would refuse; values that are not known yet are passed over. */
export function findFaults(type: string, block: Block, config: ObjectValue): Fault[] {
  const faults = [...unsettable(block, config, []), ...wrongTags(config)]
  visit(config, [], (value, path) => {
    if (path.slice(0, -1).some((name) => freeMap.test(name))) return
    const own = checks[type]?.arguments?.[path.join('.')]
    const general = byName.find(([pattern]) => pattern.test(path.at(-1) ?? ''))?.[1]
    const broken = [own, general].find((check) => check && !check.holds(value))
    if (broken) faults.push(fault(path, `expected ${broken.expected}; ${JSON.stringify(value)} came`))
  })
  for (const relation of checks[type]?.relations ?? []) {
    const broken = relation(config)
    if (broken) faults.push(fault([broken.at], broken.fault))
  }
  return faults
}

function fault(path: string[], text: string): Fault {
  return { argument: path[0] ?? '', summary: `${path.join('.')}: ${text}.` }
}

type Simple = string | number | boolean

/** Shows each simple value with the names that lead to it; positions in lists and sets are left out. */
function visit(value: Value, path: string[], look: (value: Simple, path: string[]) => void): void {
  if (Array.isArray(value)) for (const each of value) visit(each, path, look)
  else if (isObject(value)) for (const [name, each] of Object.entries(value)) visit(each, [...path, name], look)
  else if (value !== null && value !== notYetKnown && value !== '') look(value, path)
}

/** Attributes that only the provider sets. Terraform itself does not refuse them. */
function unsettable(block: Block, config: ObjectValue, path: string[]): Fault[] {
  const own = block.attributes
    .filter(({ name, computed }) => computed && config[name] != null)
    .map(({ name }) => fault([...path, name], 'expected nothing, since only AWS sets it; a value came'))
  const inner = block.blocks.flatMap(({ name, block: nested }) =>
    elements(config[name]).flatMap((each) => unsettable(nested, each, [...path, name])),
  )
  return [...own, ...inner]
}

// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

function wrongTags({ tags }: ObjectValue): Fault[] {
  if (!isObject(tags)) return []
  const faults = Object.entries(tags).flatMap(([name, value]) => {
    const isName = name.length <= 128 && !/^aws:/i.test(name) && tagText.test(name)
    const isValue = typeof value !== 'string' || (value.length <= 256 && tagText.test(value))
    if (isName && isValue) return []
    const expected =
      'expected at most 128 characters for a name, 256 for a value, of letters, digits, spaces and _.:/=+-@'
    return [fault(['tags', name], `${expected}; ${JSON.stringify(value)} came`)]
  })
  const count = Object.keys(tags).length
  return count > 50 ? [...faults, fault(['tags'], `expected at most 50; ${count} came`)] : faults
}
