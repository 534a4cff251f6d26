import { describe, expect, test } from 'vitest'
import { linesOf, serviceOf, smallTask, stackOf, usdOf } from '../testing/stack.ts'

type Resources = Parameters<typeof stackOf>[1]
const quantityOf = (resource: Resources, price: string, assumed: Parameters<typeof stackOf>[2] = {}) =>
  linesOf(stackOf('production', resource, assumed))
    .filter((line) => line.price.startsWith(price))
    .reduce((sum, { quantity }) => sum + quantity, 0)

describe('an alarm', () => {
  test('costs every metric that it looks at', () => {
    const queried = { metric_query: [{ metric: { period: 60 } }, { metric: { period: 300 } }, { expression: 'a / b' }] }
    expect(quantityOf({ aws_cloudwatch_metric_alarm: { plain: { period: 60 }, ratio: queried } }, 'cloudwatch.alarm')).toBe(3) // prettier-ignore
  })

  test('under a minute has no price here', () => {
    const stack = stackOf('production', { aws_cloudwatch_metric_alarm: { fast: { period: 10 } } })
    expect(() => linesOf(stack)).toThrow('aws_cloudwatch_metric_alarm.fast cannot be priced')
  })

  // AWS: Application Auto Scaling is free, the CloudWatch alarms of target tracking, two of each policy, are not.
  test('is made twice by AWS for every policy of target tracking', () => {
    const tracking = (specification: Record<string, unknown>) => ({
      target_tracking_scaling_policy_configuration: [{ target_value: 70, ...specification }],
    })
    const metrics = [{ id: 'sum', metric_stat: [{}] }, { id: 'count', metric_stat: [{}] }, { id: 'each', expression: 'sum / count' }] // prettier-ignore
    const aws_appautoscaling_policy = {
      cpu: tracking({ predefined_metric_specification: {} }),
      sessions: tracking({ customized_metric_specification: { metrics } }),
      steps: { step_scaling_policy_configuration: {} },
    }
    expect(quantityOf({ aws_appautoscaling_policy }, 'cloudwatch.alarm')).toBe(2 + 2 * 2)
  })
})

describe('the metrics of a cluster', () => {
  const running = (value: string): Resources => ({
    aws_ecs_cluster: { main: { setting: [{ name: 'containerInsights', value }] } },
    aws_ecs_task_definition: { web: smallTask, worker: smallTask },
    aws_ecs_service: { web: serviceOf('web', { desired_count: 2 }), worker: serviceOf('worker', { desired_count: 1 }) },
  })

  test('are what the services publish', () => {
    expect(quantityOf(running('disabled'), 'cloudwatch.metric', { metrics: 6 })).toBeCloseTo(6, 10)
  })

  // Two services of two families with three tasks: 26 + 2 × (29 + 24) + 3 × 48 = 276, and 12 + 2 × (15 + 10) = 62.
  test('and those of Container Insights by cluster, service, family and task', () => {
    expect(quantityOf(running('enhanced'), 'cloudwatch.insights')).toBeCloseTo(276, 10)
    expect(quantityOf(running('enabled'), 'cloudwatch.metric')).toBeCloseTo(62, 10)
    expect(quantityOf(running('disabled'), 'cloudwatch.insights')).toBe(0)
  })
})

describe('the network', () => {
  test('a NAT instance costs its machine, its disk and its address', () => {
    const template = { instance_type: 't4g.nano', network_interfaces: { associate_public_ip_address: 'true' } }
    const stack = stackOf('production', {
      aws_launch_template: { nat: template },
      aws_autoscaling_group: { nat: { min_size: 1, launch_template: { id: '${aws_launch_template.nat.id}' } } },
    })
    // By the maintainers of fck-nat: 3.07, 0.64 and 3.65 are 7.36.
    expect(usdOf(linesOf(stack), 'aws_autoscaling_group.nat')).toBeCloseTo(7.36, 2)
  })

  test('an interface endpoint costs each of its zones, a gateway nothing', () => {
    const both = { vpc_endpoint_type: 'Interface', subnet_ids: ['${aws_subnet.a.id}', '${aws_subnet.b.id}'] }
    const aws_vpc_endpoint = { one: { ...both, subnet_ids: ['${aws_subnet.a.id}'] }, both, s3: {} }
    expect(quantityOf({ aws_vpc_endpoint }, 'endpoint.hour')).toBe(3 * 730)
  })

  test('flow logs are delivered to S3 at half the price of CloudWatch', () => {
    const cost = (type: string) =>
      usdOf(linesOf(stackOf('production', { aws_flow_log: { main: { log_destination_type: type } } }, { vendedGb: 10 })), 'aws_flow_log.main') // prettier-ignore
    expect(cost('s3')).toBeCloseTo(2.5, 10)
    expect(cost('cloud-watch-logs')).toBeCloseTo(2.5, 10) // 5 of the 10 GB are free
  })
})

test('a web ACL costs itself, each rule or group of rules, and requests', () => {
  const stack = stackOf('production', { aws_wafv2_web_acl: { main: { rule: [{}, {}, {}] } } }, { requestsMillion: 1 })
  expect(usdOf(linesOf(stack), 'aws_wafv2_web_acl.main')).toBeCloseTo(8.6, 10)
})

describe('delivery', () => {
  const assumed = { builds: 8, buildMinutes: 20, pipelineMinutes: 30 }

  test('a pipeline of the first type is free, as long as it is the only one', () => {
    const lines = linesOf(stackOf('delivery', { aws_codepipeline: { one: {}, two: { pipeline_type: 'V1' } } }))
    expect(lines.map(({ usd }) => usd)).toEqual([0, 1])
  })

  test('one of the second type costs minutes after the first hundred', () => {
    const stack = stackOf('delivery', { aws_codepipeline: { main: { pipeline_type: 'V2' } } }, assumed)
    expect(usdOf(linesOf(stack), 'aws_codepipeline.main')).toBeCloseTo(140 * 0.002, 10)
  })

  test('a build costs its minutes by the machine', () => {
    const project = (type: string, size: string) => ({
      environment: [{ type, compute_type: `BUILD_GENERAL1_${size}` }],
    })
    const costOf = (type: string, size: string) =>
      usdOf(linesOf(stackOf('delivery', { aws_codebuild_project: { main: project(type, size) } }, assumed)), 'aws_codebuild_project.main') // prettier-ignore
    expect(costOf('LINUX_CONTAINER', 'SMALL')).toBeCloseTo(60 * 0.005, 10)
    expect(costOf('ARM_CONTAINER', 'SMALL')).toBeCloseTo(160 * 0.0034, 10)
    expect(() => costOf('WINDOWS_CONTAINER', 'LARGE')).toThrow('has no price')
  })

  test('what releases costs the minutes of each release, in which it mostly watches', () => {
    const project = {
      name: 'dayshift-delivery-release',
      environment: [{ type: 'ARM_CONTAINER', compute_type: 'BUILD_GENERAL1_SMALL' }],
    }
    const stack = stackOf('delivery', { aws_codebuild_project: { main: project } }, { releases: 4, releaseMinutes: 80 })
    expect(usdOf(linesOf(stack), 'aws_codebuild_project.main')).toBeCloseTo(320 * 0.0034, 10)
  })
})

test('a parameter of the advanced tier has no price here', () => {
  expect(linesOf(stackOf('production', { aws_ssm_parameter: { main: { type: 'String' } } }))).toEqual([])
  const stack = stackOf('production', { aws_ssm_parameter: { main: { tier: 'Advanced' } } })
  expect(() => linesOf(stack)).toThrow('aws_ssm_parameter.main cannot be priced')
})

test('logs that are turned into Parquet have no price here', () => {
  const stackWith = (format: string) =>
    stackOf('production', { aws_cloudwatch_log_delivery_destination: { main: { output_format: format } } })
  expect(linesOf(stackWith('w3c'))).toEqual([])
  expect(() => linesOf(stackWith('parquet'))).toThrow('aws_cloudwatch_log_delivery_destination.main cannot be priced')
})
