import { describe, expect, test } from 'vitest'
import { environmentOf, released, shifted } from '../testing/environment.ts'
import { planOf } from '../testing/foundation.ts'

const production = environmentOf(released, 'production', 'economy')
const ha = environmentOf(shifted(50), 'production', 'ha')
const staging = environmentOf(released, 'staging', 'economy')
const services = ['web-blue', 'web-green', 'worker']
const service = (name: string, stack = production) => stack.get('aws_ecs_service', `service-${name}`)

/** By reference, so that Terraform makes the alarms first: ECS looks for them. */
function alarmNames(name: string): unknown[] {
  const { alarm_names } = service(name).alarms as { alarm_names: string[] }
  return alarm_names.map((reference) => {
    const [, id = ''] = /^\$\{aws_cloudwatch_metric_alarm\.([\w-]+)\.alarm_name\}$/.exec(reference) ?? []
    return production.get('aws_cloudwatch_metric_alarm', id).alarm_name
  })
}

describe('a service', () => {
  test.each(services)('of %s is not started by an apply at night', (name) => {
    expect(service(name).lifecycle).toEqual({ ignore_changes: ['desired_count'] })
  })

  test.each(services)('of %s replaces one task by starting the next one first', (name) => {
    expect(service(name)).toMatchObject({
      deployment_minimum_healthy_percent: 100,
      deployment_maximum_percent: 200,
      availability_zone_rebalancing: 'ENABLED',
    })
  })

  test.each(services)('of %s goes back by itself, by alarms and when nothing starts', (name) => {
    const alarms = name === 'worker' ? ['queue-age'] : ['web-errors', 'web-latency', 'web-unhealthy']
    expect(service(name)).toMatchObject({
      deployment_controller: { type: 'ECS' },
      deployment_circuit_breaker: { enable: true, rollback: true },
      alarms: { enable: true, rollback: true },
    })
    expect(alarmNames(name)).toEqual(alarms.map((alarm) => `dayshift-production-${alarm}`))
    expect(service(name, staging)).not.toHaveProperty('alarms')
  })

  test.each(services)('of %s is tagged down to its tasks and lets nobody look inside', (name) => {
    expect(service(name)).toMatchObject({
      propagate_tags: 'SERVICE',
      enable_ecs_managed_tags: true,
      enable_execute_command: false,
    })
  })

  test('has an address of its own where there is no NAT, and nobody comes in by it', () => {
    expect(service('worker')).toMatchObject({
      network_configuration: {
        assign_public_ip: true,
        security_groups: ['${aws_security_group.group-worker.id}'],
        subnets: ['${aws_subnet.subnet-public-1.id}', '${aws_subnet.subnet-public-2.id}'],
      },
    })
    const behind = environmentOf(released, 'production', 'economy', { egress: 'nat-instance' })
    expect(service('worker', behind)).toMatchObject({ network_configuration: { assign_public_ip: false } })
  })

  test('waits until its target group has a listener', () => {
    expect(service('web-green')).toMatchObject({
      depends_on: ['aws_ecs_cluster_capacity_providers.capacity', 'aws_lb_listener_rule.route'],
      load_balancer: [{ target_group_arn: '${aws_lb_target_group.targets-green.arn}', container_port: 8765 }],
    })
  })

  test('begins with tasks where it has traffic', () => {
    expect(services.map((name) => service(name).desired_count)).toEqual([1, 0, 1])
    expect(services.map((name) => service(name, ha).desired_count)).toEqual([2, 2, 2])
    expect(services.map((name) => service(name, staging).desired_count)).toEqual([0, 0, 0])
  })
})

describe('the capacity', () => {
  test('of the web is certain, that of the worker a third of the price', () => {
    expect(service('web-blue').capacity_provider_strategy).toEqual([{ capacity_provider: 'FARGATE', weight: 1 }])
    expect(service('worker').capacity_provider_strategy).toEqual([{ capacity_provider: 'FARGATE_SPOT', weight: 1 }])
  })

  test('of one worker is certain where there are two', () => {
    expect(service('worker', ha).capacity_provider_strategy).toEqual([
      { base: 1, capacity_provider: 'FARGATE', weight: 0 },
      { capacity_provider: 'FARGATE_SPOT', weight: 1 },
    ])
  })
})

test('the cluster tells its insights where the profile buys them', () => {
  const insights = (stack: typeof production) => stack.get('aws_ecs_cluster', 'cluster').setting
  expect(insights(production)).toEqual([{ name: 'containerInsights', value: 'disabled' }])
  const buys = { ...planOf('production', 'ha').buys, containerInsights: true }
  expect(insights(environmentOf(released, 'production', 'ha', { buys }))).toEqual([
    { name: 'containerInsights', value: 'enhanced' },
  ])
})
