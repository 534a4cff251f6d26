import { describe, expect, it } from 'vitest'
import { type Attribute, type Block, type NestedBlock, readSchemas } from './schema.ts'

const types = [
  'aws_vpc',
  'aws_db_instance',
  'aws_secretsmanager_secret_version',
  'aws_cloudfront_distribution',
  'aws_lb_listener',
]
const schemas = readSchemas({
  resource: Object.fromEntries(
    [...types, 'aws_vpc_security_group_ingress_rule', 'aws_ecs_service'].map((type) => [type, {}]),
  ),
  data: { aws_availability_zones: {}, aws_iam_policy_document: {} },
  ephemeral: { aws_secretsmanager_random_password: {} },
})

function attribute(block: Block | undefined, name: string): Omit<Attribute, 'name'> | undefined {
  const { name: _, ...rest } = block?.attributes.find((each) => each.name === name) ?? {}
  return rest as Omit<Attribute, 'name'>
}

function nested(block: Block | undefined, name: string): NestedBlock | undefined {
  return block?.blocks.find((each) => each.name === name)
}

// Expected values: the argument and attribute lists of the provider's pages, registry.terraform.io/providers/hashicorp/aws/6.25.0/docs.
describe('schemas from the bindings', () => {
  const { resources, data } = schemas

  it('tell required, optional and computed attributes apart', () => {
    const rule = resources['aws_vpc_security_group_ingress_rule']
    expect(attribute(rule, 'ip_protocol')).toEqual({ type: 'string', required: true })
    expect(attribute(rule, 'from_port')).toEqual({ type: 'number', optional: true })
    expect(attribute(rule, 'security_group_rule_id')).toEqual({ type: 'string', computed: true })
  })

  it('tell lists, sets and maps apart', () => {
    expect(attribute(data['aws_availability_zones'], 'names')).toEqual({ type: ['list', 'string'], computed: true })
    expect(attribute(data['aws_availability_zones'], 'group_names')).toEqual({
      type: ['set', 'string'],
      computed: true,
    })
    expect(attribute(data['aws_availability_zones'], 'exclude_names')).toEqual({
      type: ['set', 'string'],
      optional: true,
    })
    expect(attribute(resources['aws_db_instance'], 'domain_dns_ips')).toEqual({
      type: ['list', 'string'],
      optional: true,
    })
    expect(attribute(resources['aws_db_instance'], 'tags')).toEqual({ type: ['map', 'string'], optional: true })
    expect(attribute(resources['aws_db_instance'], 'multi_az')).toEqual({ type: 'bool', optional: true })
  })

  it('know objects that only the provider fills', () => {
    expect(attribute(resources['aws_db_instance'], 'master_user_secret')).toEqual({
      type: ['list', ['object', { kms_key_id: 'string', secret_arn: 'string', secret_status: 'string' }]],
      computed: true,
    })
  })

  it('count blocks: any number, at most one, at least one', () => {
    const distribution = resources['aws_cloudfront_distribution']
    expect(nested(distribution, 'origin')).toMatchObject({ nesting: 'set', minItems: 1, maxItems: 0 })
    expect(nested(distribution, 'default_cache_behavior')).toMatchObject({ nesting: 'list', minItems: 1, maxItems: 1 })
    expect(nested(distribution, 'ordered_cache_behavior')).toMatchObject({ nesting: 'list', minItems: 0, maxItems: 0 })
    expect(nested(resources['aws_ecs_service'], 'load_balancer')).toMatchObject({
      nesting: 'set',
      minItems: 0,
      maxItems: 0,
    })
    expect(nested(resources['aws_ecs_service'], 'timeouts')).toMatchObject({ nesting: 'single' })
  })

  it('reach blocks inside blocks', () => {
    const action = nested(resources['aws_lb_listener'], 'default_action')?.block
    const forward = nested(action, 'forward')
    expect(forward).toMatchObject({ nesting: 'list', maxItems: 1 })
    const group = nested(forward?.block, 'target_group')
    expect(group).toMatchObject({ nesting: 'set', minItems: 1 })
    expect(attribute(group?.block, 'weight')).toEqual({ type: 'number', optional: true })
  })

  it('mark write-only arguments, and not what tells whether one is there', () => {
    const version = resources['aws_secretsmanager_secret_version']
    expect(attribute(version, 'secret_string_wo')).toEqual({ type: 'string', optional: true, writeOnly: true })
    expect(attribute(version, 'has_secret_string_wo')).toEqual({ type: 'bool', computed: true })
    expect(attribute(resources['aws_db_instance'], 'password_wo')).toMatchObject({ writeOnly: true })
  })

  it('know the provider block and the ephemeral password, which the bindings lack', () => {
    expect(attribute(schemas.provider, 'region')).toEqual({ type: 'string', optional: true })
    expect(nested(schemas.provider, 'default_tags')?.block.attributes).toEqual([
      { name: 'tags', type: ['map', 'string'], optional: true },
    ])
    expect(attribute(schemas.ephemeral['aws_secretsmanager_random_password'], 'random_password')).toEqual({
      type: 'string',
      computed: true,
    })
  })

  it('hold the types that were asked for and no others', () => {
    expect(Object.keys(readSchemas({ resource: { aws_vpc: {} } }).resources)).toEqual(['aws_vpc'])
  })

  it('say which binding is missing', () => {
    expect(() => readSchemas({ resource: { aws_lambda_function: {} } })).toThrow(
      /aws_lambda_function in infra\/src\/aws\.ts/,
    )
    expect(() => readSchemas({ ephemeral: { aws_kms_secrets: {} } })).toThrow(/aws_kms_secrets is not written yet/)
  })
})
