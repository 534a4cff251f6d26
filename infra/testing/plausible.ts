import { createHash } from 'node:crypto'
import { accountId, identities } from './identities.ts'
import type { Block, ValueType } from './schema.ts'
import { elements, isObject, notYetKnown, type ObjectValue, text, type Value } from './values.ts'

/** What the values of one resource or data source are made up from. */
interface Origin {
  type: string
  region: string
  /** The same seed gives the same values: a data source must answer alike each time. */
  seed: string
}

/** Fills what `fill` names and what is not known yet with values of the right type and of the form that AWS uses. */
export function fillPlausibly(
  origin: Origin,
  block: Block,
  values: ObjectValue,
  fill: (name: string) => boolean,
): void {
  const given = { ...values }
  for (const { name, type, writeOnly } of block.attributes) {
    if (writeOnly) values[name] = null
    else if (values[name] === notYetKnown || (values[name] == null && fill(name)))
      values[name] = plausible(origin, name, type, given)
  }
  for (const { name, block: inner } of block.blocks) {
    for (const element of elements(values[name])) fillPlausibly(origin, inner, element, () => false)
  }
}

function plausible(origin: Origin, name: string, type: ValueType, given: ObjectValue): Value {
  const known = knownAnswer(origin, name, given)
  if (known !== undefined) return known
  if (type === 'string') return plausibleString(origin, name, given)
  if (type === 'number') return name === 'port' ? portOf(origin.type) : 1
  if (type === 'bool') return false
  if (type === 'dynamic') return null
  if (type[0] === 'map') return {}
  if (type[0] === 'object')
    return Object.fromEntries(
      Object.entries(type[1]).map(([inner, innerType]) => [inner, plausible(origin, inner, innerType, given)]),
    )
  // One element, so that a reference to the first finds it.
  return [plausible(origin, singular(name), type[1], given)]
}

const portOf = (type: string): number => (type.startsWith('aws_elasticache') ? 6379 : 5432)
const singular = (name: string): string => name.replace(/s$/, '')

/** Answers that must have one certain value, or more than one element. */
function knownAnswer(origin: Origin, name: string, given: ObjectValue): Value | undefined {
  const { type, region } = origin
  if (name === 'region') return region
  switch (`${type}.${name}`) {
    case 'aws_availability_zones.names':
      return ['a', 'b', 'c'].map((zone) => `${region}${zone}`)
    case 'aws_availability_zones.zone_ids':
      return ['1', '2', '4'].map((zone) => `use1-az${zone}`)
    case 'aws_subnets.ids':
      return ['1', '2'].map((number) => `subnet-${hex(origin, number)}`)
    case 'aws_partition.partition':
      return 'aws'
    case 'aws_partition.dns_suffix':
      return 'amazonaws.com'
    case 'aws_region.name':
      return region
    case 'aws_ssm_parameter.value':
    case 'aws_ssm_parameter.insecure_value':
      return parameterValue(origin, text(given['name']))
    case 'aws_iam_policy_document.json':
    case 'aws_iam_policy_document.minified_json':
      return policyDocument(given)
    default:
      return undefined
  }
}

function parameterValue(origin: Origin, name: string): string {
  if (name.includes('ami')) return `ami-${hex(origin)}`
  return name.includes('vpc-origin') ? `vo_${hex(origin)}` : `value-of-${name}`
}

// The forms follow the examples of the API references.
const prefixOfReference: [RegExp, string][] = [
  [/(^|_)vpc_id$/, 'vpc'],
  [/subnet(_id)?$/, 'subnet'],
  [/security_group(_id)?$|security_group_rule_id$/, 'sg'],
  [/network_interface_id$/, 'eni'],
  [/route_table_id$/, 'rtb'],
  [/prefix_list_id$/, 'pl'],
  [/allocation_id$/, 'eipalloc'],
  [/association_id$/, 'eipassoc'],
  [/(^|_)image_id$/, 'ami'],
  [/(^|_)instance_id$/, 'i'],
]

function plausibleString(origin: Origin, name: string, given: ObjectValue): string {
  const identity = identities[origin.type]
  if (name === 'id')
    return text(given['id']) || (identity?.id ? format(identity.id, origin, given) : `${origin.type}-${hex(origin)}`)
  if (name === 'arn') return arnOf(origin, given)
  if (name === 'arn_suffix') return arnOf(origin, given).replace(/^.*:(loadbalancer\/)?/, '')
  if (name === 'secret_arn')
    return format('arn:aws:secretsmanager:{region}:{account}:secret:rds!db-{uuid}-AbCdEf', origin, given)
  if (name.endsWith('arn')) return format(`arn:aws:stub:{region}:{account}:${name}/{hex}`, origin, given)
  if (/(^|_)(account_id|owner|owner_id|registry_id)$/.test(name)) return accountId
  const prefix = prefixOfReference.find(([pattern]) => pattern.test(name))?.[1]
  if (prefix) return `${prefix}-${hex(origin)}`
  if (/(^|_)zone_id$/.test(name)) return `Z${hex(origin).toUpperCase()}`
  if (name === 'endpoint') return `${hex(origin)}.example.com:${portOf(origin.type)}`
  if (/(^|_)(dns_name|domain_name|domain|address|name_server|fqdn)$/.test(name)) return `${hex(origin)}.example.com`
  if (name === 'repository_url') return `${accountId}.dkr.ecr.${origin.region}.amazonaws.com/${text(given['name'])}`
  if (name === 'public_ip') return '203.0.113.10'
  if (name.endsWith('_ip')) return '10.0.0.10'
  if (/(_date|_time)$/.test(name)) return '2026-01-01T00:00:00Z'
  if (name.endsWith('cidr_block')) return '10.0.0.0/16'
  return `stub-${name.replaceAll('_', '-')}`
}

function arnOf(origin: Origin, given: ObjectValue): string {
  const form = identities[origin.type]?.arn ?? `arn:aws:stub:{region}:{account}:${origin.type}/{hex}`
  return typeof given['arn'] === 'string' ? given['arn'] : format(form, origin, given)
}

function format(form: string, origin: Origin, given: ObjectValue): string {
  return form.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'hex') return hex(origin)
    if (name === 'HEX') return hex(origin).toUpperCase()
    if (name === 'uuid') return uuid(origin)
    if (name === 'region') return origin.region
    if (name === 'account') return accountId
    if (name === 'arn') return arnOf(origin, given)
    if (name === 'id') return plausibleString(origin, 'id', given)
    return text(given[name])
  })
}

function digest({ type, seed }: Origin, salt: string): string {
  return createHash('sha256').update(`${type} ${seed} ${salt}`).digest('hex')
}

/** 17 digits, as EC2's ids have. */
const hex = (origin: Origin, salt = ''): string => digest(origin, salt).slice(0, 17)

function uuid(origin: Origin): string {
  return digest(origin, 'uuid').replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
}

/** The statements of an `aws_iam_policy_document`, as far as references to it need them. */
function policyDocument(given: ObjectValue): string {
  const statements = Array.isArray(given['statement']) ? given['statement'].filter(isObject) : []
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({
      Effect: statement['effect'] ?? 'Allow',
      Action: statement['actions'],
      Resource: statement['resources'],
    })),
  })
}
