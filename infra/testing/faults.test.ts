import { describe, expect, it } from 'vitest'
import * as aws from '../src/aws.ts'
import { byName, checks, findFaults } from './faults.ts'
import { fillPlausibly } from './plausible.ts'
import { type Block, readSchemas } from './schema.ts'
import { notYetKnown, type ObjectValue, text, type Value } from './values.ts'

const classes = Object.values(aws as Record<string, unknown>).filter(
  (each): each is { name: string; tfResourceType: string } => typeof each === 'function' && 'tfResourceType' in each,
)
const typesOf = (isData: boolean): Record<string, object> =>
  Object.fromEntries(
    classes
      .filter(({ name, tfResourceType }) => tfResourceType !== 'aws' && name.startsWith('DataAws') === isData)
      .map(({ tfResourceType }) => [tfResourceType, {}]),
  )
const schemas = readSchemas({ resource: typesOf(false), data: typesOf(true) })

const nothing: Block = { attributes: [], blocks: [] }
const faultsOf = (type: string, config: ObjectValue): string[] =>
  findFaults(type, schemas.resources[type] ?? nothing, config).map(({ summary }) => summary)

/** The object with one value at a path of blocks. */
function at(path: string, value: string | number): ObjectValue {
  const [name = '', ...rest] = path.split('.')
  return { [name]: rest.length > 0 ? [at(rest.join('.'), value)] : value }
}

function hasPath(block: Block, path: string): boolean {
  const [name = '', ...rest] = path.split('.')
  if (rest.length === 0) return block.attributes.some((each) => each.name === name)
  const inner = block.blocks.find((each) => each.name === name)
  return inner !== undefined && hasPath(inner.block, rest.join('.'))
}

const allArguments = Object.entries(checks).flatMap(([type, { arguments: own = {} }]) =>
  Object.entries(own).map(([path, check]): [string, string, typeof check] => [type, path, check]),
)

describe('what AWS refuses', () => {
  it.each(allArguments)('%s.%s: the argument exists, and not every value is good', (type, path, check) => {
    const block = schemas.resources[type]
    expect(block && hasPath(block, path)).toBe(true)
    const wrong = ['<wrong>\u0007', -2, 999_999_999_999, 'x'.repeat(2000), '-wrong-'].filter(
      (value) => !check.holds(value),
    )
    expect(wrong.length).toBeGreaterThan(0)
    for (const value of wrong) expect(faultsOf(type, at(path, value)).join(' ')).toContain(`${path}: expected`)
  })

  // The limits and forms come from the AWS documentation of each service.
  const refused: [string, ObjectValue, RegExp][] = [
    ['aws_security_group', { description: "the worker's way out" }, /description: expected at most 255 letters/],
    ['aws_vpc', { cidr_block: '10.20.0.0' }, /an IPv4 network/],
    [
      'aws_vpc_security_group_ingress_rule',
      { cidr_ipv4: '10.0.0.0/8', prefix_list_id: 'pl-0123456789abcdef0' },
      /exactly one of cidr_ipv4/,
    ],
    ['aws_kms_key', { rotation_period_in_days: 365 }, /expected enable_key_rotation with/],
    ['aws_iam_role', { assume_role_policy: 'not JSON' }, /assume_role_policy: expected JSON/],
    [
      'aws_ecs_task_definition',
      { requires_compatibilities: ['FARGATE'], cpu: '512', memory: '512' },
      /a size that Fargate sells/,
    ],
    [
      'aws_ecs_task_definition',
      { container_definitions: '[{"name":"a","image":"b","memoryLimit":1}]' },
      /memoryLimit came/,
    ],
    ['aws_ecs_task_definition', { container_definitions: '[{"name":"a"}]' }, /a name and an image/],
    [
      'aws_ecs_task_definition',
      { container_definitions: '[{"name":"a","image":"b","stopTimeout":121}]' },
      /at most 120 s/,
    ],
    [
      'aws_ecs_task_definition',
      { container_definitions: '[{"name":"a","image":"b","logConfiguration":{"logDriver":"aws"}}]' },
      /a log driver of/,
    ],
    [
      'aws_ecs_task_definition',
      { container_definitions: '[{"name":"a","image":"b","environment":[{"name":"PORT","value":1}]}]' },
      /text as the value of PORT/,
    ],
    ['aws_appautoscaling_target', { min_capacity: 2, max_capacity: 1 }, /at most max_capacity 1/],
    ['aws_scheduler_schedule', { schedule_expression: 'cron(0 8 * * MON-FRI *)' }, /cron/],
    ['aws_scheduler_schedule', { schedule_expression: 'cron(0 8 ? * MON-FRI)' }, /cron/],
    ['aws_scheduler_schedule', { schedule_expression_timezone: 'Berlin' }, /an IANA time zone/],
    ['aws_codeconnections_connection', {}, /exactly one of provider_type, host_arn/],
    ['aws_lb', { name: 'dayshift-' }, /none at the ends/],
    [
      'aws_cloudfront_distribution',
      { default_cache_behavior: [{ allowed_methods: ['GET', 'POST', 'HEAD'] }] },
      /allowed_methods to be/,
    ],
    ['aws_wafv2_web_acl', { default_action: [{ allow: [{}], block: [{}] }] }, /exactly one of allow, block/],
    [
      'aws_wafv2_web_acl',
      { rule: [{ action: [{}], override_action: [{}] }] },
      /exactly one of action, override_action/,
    ],
    ['aws_wafv2_web_acl', { scope: 'CLOUDFRONT', region: 'eu-central-1' }, /us-east-1 for the scope CLOUDFRONT/],
    ['aws_route53_record', { records: ['a'], alias: [{ name: 'b' }] }, /exactly one of records, alias/],
    ['aws_db_instance', { backup_window: '10:00-10:20', skip_final_snapshot: true }, /30 minutes or more/],
    [
      'aws_db_instance',
      { backup_window: '23:45-00:30', maintenance_window: 'sun:00:15-sun:01:00', skip_final_snapshot: true },
      /do not meet/,
    ],
    ['aws_db_instance', { backup_window: '9:00-10:00', skip_final_snapshot: true }, /hh:mm-hh:mm/],
    ['aws_db_instance', { skip_final_snapshot: false }, /a name for the final snapshot/],
    [
      'aws_db_instance',
      { skip_final_snapshot: true, password_wo: 'p', manage_master_user_password: true },
      /at most one of password/,
    ],
    [
      'aws_db_parameter_group',
      { parameter: [{ name: 'max_connections', value: '50', apply_method: 'immediate' }] },
      /pending-reboot/,
    ],
    ['aws_elasticache_replication_group', { multi_az_enabled: true }, /automatic_failover_enabled with it/],
    [
      'aws_elasticache_replication_group',
      { automatic_failover_enabled: true, num_cache_clusters: 1 },
      /two nodes or more/,
    ],
    [
      'aws_elasticache_user',
      { user_id: 'app', user_name: 'other', authentication_mode: [{ type: 'iam' }] },
      /the user id in lower case/,
    ],
    [
      'aws_s3_bucket_lifecycle_configuration',
      { rule: [{ id: 'r', transition: [{ days: 29, storage_class: 'STANDARD_IA' }] }] },
      /30 days or more/,
    ],
    ['aws_secretsmanager_secret_version', { secret_string_wo: 's' }, /expected secret_string_wo_version with/],
    ['aws_ssm_parameter', { value: 'a', value_wo: 'b', value_wo_version: 1 }, /exactly one of value, value_wo/],
    [
      'aws_cloudwatch_metric_alarm',
      { metric_name: 'm', datapoints_to_alarm: 3, evaluation_periods: 2 },
      /at most evaluation_periods 2/,
    ],
    [
      'aws_cloudwatch_metric_alarm',
      { metric_name: 'm', metric_query: [{ id: 'q' }] },
      /exactly one of metric_name, metric_query/,
    ],
    [
      'aws_ce_anomaly_subscription',
      { frequency: 'DAILY', subscriber: [{ type: 'SNS' }] },
      /expected EMAIL with the frequency DAILY/,
    ],
    ['aws_vpc_security_group_egress_rule', {}, /exactly one of cidr_ipv4/],
    ['aws_flow_log', {}, /exactly one of eni_id/],
    ['aws_ecs_service', { launch_type: 'FARGATE', capacity_provider_strategy: [{}] }, /at most one of launch_type/],
    ['aws_scheduler_schedule', { name: 'a', name_prefix: 'a' }, /at most one of name/],
    ['aws_codestarconnections_connection', {}, /exactly one of provider_type/],
    ['aws_db_instance', { skip_final_snapshot: true, password_wo: 'p' }, /expected password_wo_version with/],
    ['aws_elasticache_replication_group', { auth_token: 'a', user_group_ids: ['b'] }, /at most one of auth_token/],
    ['aws_elasticache_replication_group', { snapshot_window: '22:00-22:30' }, /60 minutes or more/],
    ['aws_elasticache_user', { no_password_required: true, passwords: ['a'] }, /exactly one of authentication_mode/],
    ['aws_s3_bucket', { bucket: 'abc', bucket_prefix: 'abc' }, /at most one of bucket/],
    ['aws_secretsmanager_secret', { name: 'a', name_prefix: 'a' }, /at most one of name/],
    ['aws_secretsmanager_secret_version', {}, /exactly one of secret_string/],
    ['aws_ssm_parameter', { value_wo: 'a' }, /expected value_wo_version with/],
    ['aws_cloudwatch_event_rule', { name: 'a', name_prefix: 'a' }, /at most one of name/],
    ['aws_cloudwatch_event_target', { input: '{}', input_path: '$' }, /at most one of input/],
    [
      'aws_cloudwatch_metric_alarm',
      { metric_name: 'm', statistic: 'Sum', extended_statistic: 'p95' },
      /at most one of statistic/,
    ],
    ['aws_ce_anomaly_monitor', {}, /exactly one of monitor_dimension/],
    ['aws_sns_topic', { tags: { 'aws:name': 'x' } }, /tags.aws:name: expected at most 128/],
    [
      'aws_sns_topic',
      { tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, 'x'])) },
      /tags: expected at most 50; 51 came/,
    ],
    [
      'aws_db_instance',
      { skip_final_snapshot: true, resource_id: 'db-1' },
      /resource_id: expected nothing, since only AWS sets it/,
    ],
  ]

  it.each(refused)('%s %j', (type, config, says) => {
    expect(faultsOf(type, config).join(' ')).toMatch(says)
  })

  it('has a case above for each relation between arguments', () => {
    const untested = Object.entries(checks).flatMap(([type, { relations = [] }]) =>
      relations.filter((relation) => !refused.some(([of, config]) => of === type && relation(config))).map(() => type),
    )
    expect(untested).toEqual([])
  })

  const accepted: [string, ObjectValue][] = [
    [
      'aws_scheduler_schedule',
      { schedule_expression: 'cron(30 7 ? * MON-FRI *)', schedule_expression_timezone: 'Europe/Berlin' },
    ],
    ['aws_scheduler_schedule', { schedule_expression: 'rate(5 minutes)' }],
    [
      'aws_db_instance',
      { backup_window: '10:00-10:30', maintenance_window: 'tue:10:30-tue:11:00', skip_final_snapshot: true },
    ],
    ['aws_db_instance', { skip_final_snapshot: false, final_snapshot_identifier: 'last' }],
    ['aws_ecs_task_definition', { requires_compatibilities: ['FARGATE'], cpu: '512', memory: '1024' }],
    ['aws_lb_target_group', { name: 'dayshift-production-web-blue', target_type: 'ip', vpc_id: notYetKnown }],
    ['aws_sns_topic', { tags: { Name: 'Größe 1 (a)'.replace(/[()]/g, '') } }],
  ]

  it.each(accepted)('and not %s %j', (type, config) => {
    expect(faultsOf(type, config)).toEqual([])
  })
})

describe('made-up values', () => {
  const all = [
    ...Object.entries(schemas.resources),
    ...Object.entries(schemas.data).map(([type, block]): [string, Block] => [type, block]),
  ]

  it.each(all)('of %s have the forms that AWS uses', (type, block) => {
    const given = block.attributes.filter(({ type: valueType, computed }) => valueType === 'string' && !computed)
    const values: ObjectValue = Object.fromEntries(
      given.map(({ name }) => [name, name === 'id' ? null : 'arn:aws:sns:us-east-1:123456789012:given']),
    )
    const made = block.attributes.filter(({ name, computed }) => computed || name === 'id').map(({ name }) => name)
    fillPlausibly({ type, region: 'us-east-1', seed: '1' }, block, values, (name) => made.includes(name))
    const wrong = made.filter((name) => {
      const check = byName.find(([pattern]) => pattern.test(name))?.[1]
      const value: Value = values[name] ?? null
      const list: Value[] = Array.isArray(value) ? value : [value]
      return check && list.some((each) => !check.holds(text(each)))
    })
    expect(wrong.map((name) => ({ [name]: values[name] }))).toEqual([])
    expect(made.filter((name) => values[name] === undefined)).toEqual([])
  })

  it('are the same for the same data source, so that a second plan sees no difference', () => {
    const answer = (seed: string): ObjectValue => {
      const values: ObjectValue = {}
      fillPlausibly(
        { type: 'aws_subnets', region: 'us-east-1', seed },
        schemas.data['aws_subnets'] ?? nothing,
        values,
        () => true,
      )
      return values
    }
    expect(answer('a')).toEqual(answer('a'))
    expect(answer('a')['ids']).not.toEqual(answer('b')['ids'])
  })
})
