import { describe, expect, test } from 'vitest'
import { billOf, chargesOf } from './bill.ts'
import { assertWithinLimits, estimateOf } from './estimate.ts'
import { priceList } from './prices.ts'
import { clockOf, linesOf, scheduled, serviceOf, smallTask, spot, stackOf, usdOf } from './testing/stack.ts'

const times = (count: number, values: Record<string, unknown> = {}) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, values]))
const micro = { instance_class: 'db.t4g.micro', allocated_storage: 20, storage_type: 'gp3', identifier: 'main' }

// The tables were made by hand, line by line, before there was this program: ../shared/references/infra.md, chapter 3.
describe('the cheapest sound design, chapter 3.3, twelve hours on five days', () => {
  const open = 'cron(0 7 ? * MON-FRI *)'
  const close = 'cron(0 19 ? * MON-FRI *)'
  const production = stackOf(
    'production',
    {
      aws_lb: { main: { internal: true, subnets: ['a', 'b'] } },
      aws_cloudfront_distribution: { main: {} },
      aws_ecs_cluster: { main: {} },
      aws_ecs_task_definition: { web: smallTask, worker: smallTask },
      aws_ecs_service: { web: serviceOf('web', { load_balancer: {} }), worker: serviceOf('worker', spot) },
      aws_appautoscaling_scheduled_action: {
        'web-open': scheduled('web', open, 1),
        'web-close': scheduled('web', close, 0),
        'worker-open': scheduled('worker', open, 1),
        'worker-close': scheduled('worker', close, 0),
      },
      aws_db_instance: { main: micro },
      aws_scheduler_schedule: {
        start: clockOf('start', 'cron(30 6 ? * MON-FRI *)'),
        stop: clockOf('stop', 'cron(0 19 * * ? *)'),
      },
      aws_elasticache_replication_group: {
        main: { engine: 'valkey', node_type: 'cache.t4g.micro', num_cache_clusters: 1 },
      },
      aws_secretsmanager_secret: times(3),
      aws_cloudwatch_metric_alarm: times(29),
      aws_s3_bucket: { main: {} },
      aws_ecr_repository: times(2),
      aws_route53_zone: { main: {} },
    },
    { lcu: 0.1, releases: 4, overlapHours: 2.5, edgeGb: 5, requestsMillion: 0.5, objectsGb: 10.87, imagesGb: 1.5 },
  )
  const lines = linesOf(production)
  const perHour = 0.5 * 0.03238 + 0.00356

  test.each([
    ['ALB internal', usdOf(lines, 'aws_lb.main', 'alb.hour'), 16.43],
    ['LCU 0.1', usdOf(lines, 'aws_lb.main', 'alb.lcu'), 0.58],
    ['no address of the ALB', usdOf(lines, 'aws_lb.main', 'ipv4'), 0],
    ['CloudFront', usdOf(lines, 'aws_cloudfront_distribution.main'), 0],
    ['web on ARM 261 h, and 10 h of two colours', usdOf(lines, 'aws_ecs_service.web', 'fargate'), 5.15 + 0.2],
    ['worker on ARM Spot 261 h', usdOf(lines, 'aws_ecs_service.worker', 'fargate'), 1.54],
    ['RDS micro 271 h', usdOf(lines, 'aws_db_instance.main', 'rds.db'), 4.35],
    ['gp3 20 GB', usdOf(lines, 'aws_db_instance.main', 'rds.gp3'), 2.3],
    ['Valkey t4g.micro 24/7', usdOf(lines, 'aws_elasticache_replication_group.main'), 9.34],
    ['3 secrets', 3 * usdOf(lines, 'aws_secretsmanager_secret.n0'), 1.2],
    ['CloudWatch over the free tier', lines.reduce((sum, line) => sum + (line.service === 'CloudWatch' ? line.usd : 0), 0), 1.9], // prettier-ignore
    ['S3', usdOf(lines, 'usage', 's3'), 0.25],
    ['ECR', 2 * usdOf(lines, 'aws_ecr_repository.n0'), 0.3],
    ['Route 53', usdOf(lines, 'aws_route53_zone.main'), 0.5],
  ])('%s', (_, found, expected) => expect(found).toBeCloseTo(expected, 1.85))

  test('addresses of two tasks: 2.61, and those of the second colour', () => {
    const all = usdOf(lines, 'aws_ecs_service.web', 'ipv4') + usdOf(lines, 'aws_ecs_service.worker', 'ipv4')
    expect(all).toBeCloseTo(2.61 + 10 * 0.005, 2)
  })

  test('the sum: 46.64 by hand, and those addresses', () => {
    expect(billOf([production], priceList).usd).toBeCloseTo(46.64 + 0.05, 1)
  })

  const staging = stackOf(
    'staging',
    {
      aws_ecs_cluster: { main: {} },
      aws_ecs_task_definition: { web: smallTask, worker: smallTask },
      aws_ecs_service: {
        web: serviceOf('web', { ...spot, desired_count: 0, load_balancer: {} }),
        worker: serviceOf('worker', { ...spot, desired_count: 0 }),
      },
      aws_db_instance: { main: micro },
      aws_scheduler_schedule: { stop: clockOf('stop', 'cron(0 * * * ? *)') },
      aws_secretsmanager_secret: times(2),
    },
    {},
    40,
  )

  test.each([
    ['RDS micro 40 h', 'aws_db_instance.main', 'rds.db', 0.64 + ((730 * 1) / 169) * 0.016],
    ['gp3 20 GB', 'aws_db_instance.main', 'rds.gp3', 2.3],
    ['web on Spot', 'aws_ecs_service.web', 'fargate', 40 * 0.3 * perHour],
    ['worker on Spot', 'aws_ecs_service.worker', 'fargate', 40 * 0.3 * perHour],
    ['an address', 'aws_ecs_service.web', 'ipv4', 0.2],
    ['a secret', 'aws_secretsmanager_secret.n1', 'secrets', 0.4],
  ])('asleep, 40 hours: %s', (_, resource, price, expected) =>
    expect(usdOf(linesOf(staging), resource, price)).toBeCloseTo(expected, 3),
  )

  test('asleep, the sum: 4.61 by hand, and the hour a week that AWS starts the database', () => {
    expect(billOf([staging], priceList).usd).toBeCloseTo(4.61 + 0.07, 1.85)
  })
})

describe('the literal design of the first plan, chapter 3.2', () => {
  const interfaces = times(5, {
    vpc_endpoint_type: 'Interface',
    subnet_ids: ['${aws_subnet.a.id}', '${aws_subnet.b.id}'],
  })
  const endpoints = { ...interfaces, s3: { vpc_endpoint_type: 'Gateway' } }
  const stack = stackOf(
    'production',
    {
      aws_lb: { main: { internal: false, subnets: ['${aws_subnet.a.id}', '${aws_subnet.b.id}'] } },
      aws_ecs_task_definition: { web: smallTask, worker: smallTask },
      aws_ecs_service: {
        web: serviceOf('web', { network_configuration: { subnets: [] } }),
        worker: serviceOf('worker', { network_configuration: { subnets: [] } }),
      },
      aws_appautoscaling_scheduled_action: {
        open: scheduled('worker', 'cron(0 6 * * ? *)', 1),
        close: scheduled('worker', 'cron(0 18 * * ? *)', 0),
      },
      aws_db_instance: { main: micro },
      aws_elasticache_replication_group: {
        main: { engine: 'redis', node_type: 'cache.t4g.micro', num_cache_clusters: 1 },
      },
      aws_vpc_endpoint: endpoints,
      aws_nat_gateway: { main: {} },
      aws_eip: { nat: {} },
      aws_secretsmanager_secret: times(5),
      aws_cloudwatch_metric_alarm: times(30),
      aws_s3_bucket: { main: {} },
      aws_ecr_repository: { main: {} },
      aws_route53_zone: { main: {} },
    },
    { lcu: 0.1, feedsGb: 5, endpointGb: 1, objectsGb: 8.7, imagesGb: 2 },
  )
  const lines = linesOf(stack)

  test.each([
    ['web 730 h', usdOf(lines, 'aws_ecs_service.web'), 14.42],
    ['worker 365 h', usdOf(lines, 'aws_ecs_service.worker'), 7.21],
    ['RDS 11.68 and gp3 2.30', usdOf(lines, 'aws_db_instance.main'), 13.98],
    ['ElastiCache for Redis', usdOf(lines, 'aws_elasticache_replication_group.main'), 11.68],
    ['ALB 16.43, LCU 0.58, two addresses 7.30', usdOf(lines, 'aws_lb.main'), 24.31],
    ['five interface endpoints in two zones', 5 * usdOf(lines, 'aws_vpc_endpoint.n0'), 73.05],
    ['the S3 endpoint', usdOf(lines, 'aws_vpc_endpoint.s3'), 0],
    ['NAT, its address and 5 GB', usdOf(lines, 'aws_nat_gateway.main') + usdOf(lines, 'aws_eip.nat'), 36.73],
    ['the sum', billOf([stack], priceList).usd, 186.27],
  ])('%s', (_, found, expected) => expect(found).toBeCloseTo(expected, 1.7))

  test('is refused by every limit but that of the highest, and there with staging', () => {
    const estimate = (profile: 'economy' | 'standard' | 'ha') => estimateOf(profile, [stack], [], priceList)
    expect(() => assertWithinLimits([estimate('economy')])).toThrow(
      'economy costs 186.27 dollars a month, its limit is 55; the dearest are VPC endpoints 73.05, NAT 33.08, Fargate 21.63.',
    )
    expect(() => assertWithinLimits([estimate('standard')])).toThrow('its limit is 85')
    expect(() => assertWithinLimits([estimate('ha')])).not.toThrow()
  })
})

describe('what is free in a month', () => {
  const alarms = (count: number) => ({ aws_cloudwatch_metric_alarm: times(count) })

  test('is free once for an account, and first for the first environment', () => {
    const { lines, usd } = billOf([stackOf('production', alarms(8)), stackOf('staging', alarms(4))], priceList)
    expect(lines.filter(({ usd: cost }) => cost > 0).map(({ environment }) => environment)).toEqual([
      'staging',
      'staging',
    ])
    expect(usd).toBeCloseTo(0.2, 10)
  })
})

describe('a resource that nobody has priced', () => {
  test('is an error that names its type and where to add it', () => {
    const stack = stackOf('production', { aws_opensearch_domain: { main: {} }, aws_vpc: { main: {} } })
    expect(() => chargesOf(stack)).toThrow(
      'No price is known of aws_opensearch_domain (production): add a pricer, or the reason why it is free, to infra/cost/pricers.ts.',
    )
  })

  test('is an error when it is a size without a price', () => {
    const stack = stackOf('production', { aws_db_instance: { main: { ...micro, instance_class: 'db.r8g.large' } } })
    expect(() => chargesOf(stack)).toThrow('rds.db.r8g.large')
  })

  test('is listed as free with its reason and its number', () => {
    const { free } = billOf([stackOf('production', { aws_vpc: { main: {} }, aws_subnet: times(4) })], priceList)
    expect(free).toEqual([
      { type: 'aws_subnet', count: 4, reason: expect.stringContaining('free') },
      { type: 'aws_vpc', count: 1, reason: expect.stringContaining('free') },
    ])
  })
})
