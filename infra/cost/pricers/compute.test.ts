import { describe, expect, test } from 'vitest'
import { linesOf, scheduled, serviceOf, smallTask, spot, stackOf, usdOf } from '../testing/stack.ts'

// An hour of half a virtual CPU and a gigabyte on ARM: 0.5 × 0.03238 + 1 × 0.00356 = 0.01975; Spot at 30 %: 0.005925.
const HOUR = 0.01975
const SPOT_HOUR = 0.005925
const definitions = { web: smallTask, worker: smallTask }
const fargate = (stack: Parameters<typeof linesOf>[0], name: string) =>
  usdOf(linesOf(stack), `aws_ecs_service.${name}`, 'fargate')

describe('the tasks of a service', () => {
  test('cost their size for every hour, by the architecture', () => {
    const stackWith = (task: Record<string, unknown>) =>
      stackOf('production', { aws_ecs_task_definition: { web: task }, aws_ecs_service: { web: serviceOf('web') } })
    expect(fargate(stackWith(smallTask), 'web')).toBeCloseTo(730 * HOUR, 6)
    // x86: 1 × 0.04048 + 2 × 0.004445 = 0.04937 an hour, and 10 GB of disk above the 20 that are free
    const large = { cpu: '1024', memory: '2048', ephemeral_storage: { size_in_gib: 30 } }
    expect(fargate(stackWith(large), 'web')).toBeCloseTo(730 * (0.04937 + 10 * 0.000111), 6)
  })

  test('run where the base and the weights put them', () => {
    const strategy = [
      { capacity_provider: 'FARGATE', base: 1, weight: 0 },
      { capacity_provider: 'FARGATE_SPOT', base: 0, weight: 1 },
    ]
    const worker = serviceOf('worker', { desired_count: 3, capacity_provider_strategy: strategy })
    const stack = stackOf('production', { aws_ecs_task_definition: definitions, aws_ecs_service: { worker } })
    expect(fargate(stack, 'worker')).toBeCloseTo(730 * (HOUR + 2 * SPOT_HOUR), 6)
    const even = strategy.map((share) => ({ ...share, base: 0, weight: 1 }))
    const split = serviceOf('worker', { desired_count: 2, capacity_provider_strategy: even })
    const other = stackOf('production', { aws_ecs_task_definition: definitions, aws_ecs_service: { worker: split } })
    expect(fargate(other, 'worker')).toBeCloseTo(730 * (HOUR + SPOT_HOUR), 6)
  })

  test('are as many as their scheduled actions say, whatever the service itself says', () => {
    const stack = stackOf('production', {
      aws_ecs_task_definition: definitions,
      aws_ecs_service: { web: serviceOf('web', { desired_count: 7 }) },
      aws_appautoscaling_target: { web: { resource_id: 'service/${aws_ecs_cluster.main.name}/web', min_capacity: 0 } },
      aws_appautoscaling_scheduled_action: {
        open: { ...scheduled('web', 'cron(40 7 ? * MON-FRI *)', 2), resource_id: '${aws_appautoscaling_target.web.resource_id}' }, // prettier-ignore
        close: scheduled('web', 'cron(0 18 * * ? *)', 0),
      },
    })
    // 10 h 20 on five days are 51.67 of 168 hours.
    expect(fargate(stack, 'web')).toBeCloseTo(((2 * 51.6666667) / 168) * 730 * HOUR, 4)
  })

  test('are as many as their target has at least where nothing is scheduled', () => {
    const stack = stackOf('production', {
      aws_ecs_task_definition: definitions,
      aws_ecs_service: { web: serviceOf('web', { desired_count: 1 }) },
      aws_appautoscaling_target: { web: { resource_id: 'service/main/web', min_capacity: 2 } },
    })
    expect(fargate(stack, 'web')).toBeCloseTo(730 * 2 * HOUR, 6)
  })

  test('of the colour without traffic cost nothing, not even while others scale out', () => {
    const stack = stackOf(
      'production',
      {
        aws_ecs_task_definition: { blue: smallTask, green: smallTask },
        aws_ecs_service: { blue: serviceOf('blue'), green: serviceOf('green', { desired_count: 0 }) },
      },
      { moreTaskHours: 10 },
    )
    expect(fargate(stack, 'green')).toBe(0)
    expect(fargate(stack, 'blue')).toBeCloseTo(740 * HOUR, 6)
  })

  test('asleep, one colour and the worker are awake for the hours that are allowed', () => {
    const asleep = { desired_count: 0 }
    const stack = stackOf(
      'staging',
      {
        aws_ecs_task_definition: { blue: smallTask, green: smallTask, worker: smallTask },
        aws_ecs_service: {
          blue: serviceOf('blue', { ...asleep, load_balancer: {} }),
          green: serviceOf('green', { ...asleep, load_balancer: {} }),
          worker: serviceOf('worker', { ...asleep, ...spot }),
        },
        aws_appautoscaling_scheduled_action: { close: scheduled('blue', 'cron(0 18 * * ? *)', 0) },
      },
      {},
      40,
    )
    expect(fargate(stack, 'blue')).toBeCloseTo(40 * HOUR, 6)
    expect(fargate(stack, 'green')).toBe(0)
    expect(fargate(stack, 'worker')).toBeCloseTo(40 * SPOT_HOUR, 6)
  })

  test('have an address each where they are given one', () => {
    const stackWith = (assigned: boolean) =>
      stackOf('production', {
        aws_ecs_task_definition: definitions,
        aws_ecs_service: { web: serviceOf('web', { desired_count: 2, network_configuration: { assign_public_ip: assigned } }) }, // prettier-ignore
      })
    expect(usdOf(linesOf(stackWith(true)), 'aws_ecs_service.web', 'ipv4')).toBeCloseTo(7.3, 6)
    expect(usdOf(linesOf(stackWith(false)), 'aws_ecs_service.web', 'ipv4')).toBe(0)
  })

  test('of an unknown capacity provider, or without their definition, have no price', () => {
    const strange = serviceOf('web', { capacity_provider_strategy: [{ capacity_provider: 'MACHINES', weight: 1 }] })
    const stack = stackOf('production', { aws_ecs_task_definition: definitions, aws_ecs_service: { web: strange } })
    expect(() => linesOf(stack)).toThrow('no price of MACHINES is known')
    const alone = stackOf('production', { aws_ecs_service: { web: serviceOf('web') } })
    expect(() => linesOf(alone)).toThrow(
      'aws_ecs_service.web cannot be priced: its task definition is not in the stack',
    )
  })
})

test('a task that no service runs costs its minutes of each release', () => {
  const stack = stackOf(
    'production',
    { aws_ecs_task_definition: { migration: smallTask, web: smallTask }, aws_ecs_service: { web: serviceOf('web') } },
    { releases: 4, oneOffHours: 0.1 },
  )
  expect(usdOf(linesOf(stack), 'aws_ecs_task_definition.migration')).toBeCloseTo(0.4 * (HOUR + 0.005), 6)
  expect(usdOf(linesOf(stack), 'aws_ecs_task_definition.web')).toBe(0)
})
