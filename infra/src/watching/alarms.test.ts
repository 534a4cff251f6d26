import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { environmentOf, released, shifted, takingOver, unreleased } from '../testing/environment.ts'
import type { Attributes, Synthesized } from '../testing/synthesize.ts'

const profiles = ['economy', 'standard', 'ha'] as const
const production = environmentOf(released, 'production', 'economy')
const staging = environmentOf(released, 'staging', 'economy')
const topic = '${aws_sns_topic_policy.alarms-policy.arn}'

const alarmsOf = ({ all }: Synthesized) => all('aws_cloudwatch_metric_alarm')
const alarm = (name: string, stack = production): Attributes =>
  stack.get('aws_cloudwatch_metric_alarm', `alarm-${name}`)
const queries = (name: string, stack = production) =>
  alarm(name, stack).metric_query as { id: string; expression?: string; metric?: Record<string, unknown> }[]
const metricsOf = (name: string, stack = production) =>
  Object.fromEntries(queries(name, stack).flatMap(({ id, metric }) => (metric ? [[id, metric]] : [])))
const metricOf = (name: string, stack = production) => Object.values(metricsOf(name, stack))[0]!
const expressionOf = (name: string, stack = production) =>
  queries(name, stack).find(({ expression }) => expression !== undefined)?.expression

describe('the alarms that were asked for', () => {
  test.each([
    ['cpu', 'AWS/ECS', 'CPUUtilization', 'GreaterThanThreshold', 90],
    ['database-cpu', 'AWS/RDS', 'CPUUtilization', 'GreaterThanThreshold', 90],
    ['memory', 'AWS/ECS', 'MemoryUtilization', 'GreaterThanThreshold', 90],
    ['cache-memory', 'AWS/ElastiCache', 'DatabaseMemoryUsagePercentage', 'GreaterThanThreshold', 80],
    // 85 % of 20 GiB used are 3 GiB left.
    ['database-storage', 'AWS/RDS', 'FreeStorageSpace', 'LessThanThreshold', 3 * 1024 ** 3],
    ['database-connections', 'AWS/RDS', 'DatabaseConnections', 'GreaterThanThreshold', 70],
    ['web-errors', 'AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', 'GreaterThanThreshold', 10],
    ['web-latency', 'AWS/ApplicationELB', 'TargetResponseTime', 'GreaterThanThreshold', 3],
    ['web-unhealthy', 'AWS/ApplicationELB', 'UnHealthyHostCount', 'GreaterThanThreshold', 0],
    ['web-missing', 'AWS/ApplicationELB', 'HealthyHostCount', 'LessThanThreshold', 1],
    ['queue-age', 'Dayshift', 'QueueAgeSeconds', 'GreaterThanThreshold', 1800],
    ['dead-jobs', 'Dayshift', 'DeadJobs', 'GreaterThanThreshold', 0],
    ['backup-missing', 'AWS/Events', 'TriggeredRules', 'LessThanThreshold', 1],
    ['source-checks', 'Dayshift', 'SourceCheckAgeSeconds', 'GreaterThanThreshold', 5400],
    ['model-budget', 'Dayshift', 'BudgetUsedPercent', 'GreaterThanOrEqualToThreshold', 80],
    ['model-budget-spent', 'Dayshift', 'BudgetUsedPercent', 'GreaterThanOrEqualToThreshold', 100],
  ])('%s write a mail, in every profile', (name, namespace, metric_name, comparison_operator, threshold) => {
    for (const profile of profiles) {
      const stack = environmentOf(released, 'production', profile)
      expect(alarm(name, stack)).toMatchObject({
        alarm_name: `dayshift-production-${name}`,
        alarm_actions: [topic],
        comparison_operator,
        threshold,
      })
      for (const metric of Object.values(metricsOf(name, stack)))
        expect(metric).toMatchObject({ namespace, metric_name })
    }
  })

  test('and no others, each with a word about what it means', () => {
    expect(Object.keys(alarmsOf(production))).toHaveLength(16)
    for (const { alarm_description: says } of Object.values(alarmsOf(production)))
      expect(String(says)).toMatch(/^.{30,}[.?]$/)
  })

  test('are all in the table of docs/operate.md, and so are the notices', () => {
    const text = readFileSync(new URL('../../../docs/operate.md', import.meta.url), 'utf8')
    const chapter = text.slice(text.indexOf('## On AWS: alarms')).split('\n## ')[0]!
    const rows = [...chapter.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => `alarm-${name}`)
    expect(rows.toSorted()).toEqual(Object.keys(alarmsOf(production)).toSorted())
    const ha = environmentOf(released, 'production', 'ha')
    for (const target of Object.keys(ha.all('aws_cloudwatch_event_target')))
      expect(chapter).toContain(`(\`${target.replace(/^notice-(.*)-mail$/, '$1')}\`)`)
  })

  test('look at what they name', () => {
    const web = {
      LoadBalancer: '${aws_lb.load-balancer.arn_suffix}',
      TargetGroup: '${aws_lb_target_group.targets-blue.arn_suffix}',
    }
    expect(metricOf('web-errors')).toMatchObject({ dimensions: web, stat: 'Sum', period: 60 })
    expect(metricsOf('web-latency')).toMatchObject({
      slow_blue: { dimensions: web, stat: 'p95' },
      requests_blue: { dimensions: web, stat: 'SampleCount' },
    })
    expect(metricOf('queue-age').dimensions).toEqual({ Environment: 'production' })
    expect(metricOf('database-storage').dimensions).toEqual({
      DBInstanceIdentifier: '${aws_db_instance.database.identifier}',
    })
    expect(metricOf('cache-memory').dimensions).toEqual({
      CacheClusterId: '${aws_elasticache_replication_group.cache.replication_group_id}-001',
    })
    const serviceOf = ({ dimensions }: Record<string, unknown>) => (dimensions as { ServiceName: string }).ServiceName
    expect(Object.values(metricsOf('memory')).map(serviceOf)).toEqual([
      '${aws_ecs_service.service-web-blue.name}',
      '${aws_ecs_service.service-worker.name}',
    ])
  })

  test('look at each node of the cache', () => {
    expect(Object.keys(metricsOf('cache-memory', environmentOf(released, 'production', 'ha')))).toEqual([
      'node_1',
      'node_2',
    ])
  })

  test('cost no more than 20 metrics between two releases', () => {
    const names = Object.keys(alarmsOf(production)).map((name) => name.replace('alarm-', ''))
    expect(names.flatMap((name) => Object.keys(metricsOf(name)))).toHaveLength(19)
  })
})

describe('the alarms that send back a deployment', () => {
  const quick = ['web-errors', 'web-latency', 'web-unhealthy']

  test.each(quick)('%s go off after two bad minutes of three', (name) => {
    expect(alarm(name)).toMatchObject({ datapoints_to_alarm: 2, evaluation_periods: 3 })
    for (const { period } of Object.values(metricsOf(name))) expect(period).toBe(60)
  })

  test('look at the colours that have traffic, and at those alone', () => {
    const ids = (release: typeof released) =>
      Object.keys(metricsOf('web-errors', environmentOf(release, 'production', 'economy')))
    expect(ids(released)).toEqual(['errors_blue'])
    expect(ids(shifted(1))).toEqual(['errors_blue', 'errors_green'])
    expect(ids(shifted(100))).toEqual(['errors_green'])
    const target = { type: 'ip', addresses: ['10.20.1.4'], port: 80 }
    expect(ids(takingOver(target, 1))).toEqual(['errors_blue'])
  })

  test('take the worst of two colours, and of latency only minutes with enough requests', () => {
    const stack = environmentOf(shifted(50), 'production', 'economy')
    expect(expressionOf('web-errors', stack)).toBe('MAX([FILL(errors_blue, 0), FILL(errors_green, 0)])')
    expect(expressionOf('web-latency', stack)).toBe(
      'MAX([FILL(IF(requests_blue >= 30, slow_blue, 0), 0), FILL(IF(requests_green >= 30, slow_green, 0), 0)])',
    )
  })

  test('exist before the first release, when services are made that name them', () => {
    const stack = environmentOf(unreleased, 'production', 'economy')
    for (const name of [...quick, 'queue-age'])
      expect(alarm(name, stack)).toMatchObject({ treat_missing_data: 'notBreaching' })
  })
})

describe('an environment in which nothing ought to run', () => {
  test('before its first release misses nobody', () => {
    const names = Object.keys(alarmsOf(environmentOf(unreleased, 'production', 'economy')))
    expect(names).not.toContain('alarm-source-checks')
    expect(names).not.toContain('alarm-web-missing')
  })

  test('misses nobody while it sleeps, in a network of its own, too', () => {
    const asleep = environmentOf(released, 'staging', 'economy', { lodgesWith: undefined })
    const treats = Object.values(alarmsOf(asleep)).map(({ treat_missing_data: treat }) => treat)
    expect(treats.length).toBeGreaterThan(10)
    expect(treats).not.toContain('breaching')
  })

  test('has no alarms as a lodger', () => {
    expect(alarmsOf(staging)).toEqual({})
    expect(alarmsOf(environmentOf(released, 'staging', 'ha'))).toEqual({})
  })
})
