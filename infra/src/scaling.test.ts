import { describe, expect, test } from 'vitest'
import { environmentOf, released, shifted, unreleased } from './testing/environment.ts'
import type { Synthesized } from './testing/synthesize.ts'

const production = environmentOf(released, 'production', 'economy')
const staging = environmentOf(released, 'staging', 'economy')
const ha = environmentOf(shifted(50), 'production', 'ha')

/** What happens when: `open` of `web-blue` and so on. */
interface Action {
  schedule: string
  timezone: string
  scalable_target_action: { min_capacity: string; max_capacity: string }
}
const actionsOf = ({ all }: Synthesized) =>
  Object.fromEntries(
    Object.entries(all('aws_appautoscaling_scheduled_action')).map(([id, action]) => {
      const { schedule, timezone, scalable_target_action: capacity } = action as unknown as Action
      return [id.replace('scaling-', ''), `${schedule} ${timezone} ${capacity.min_capacity}..${capacity.max_capacity}`]
    }),
  )
const closes = 'cron(0 18 * * ? *) Europe/Berlin 0..0'
const opens = 'cron(50 7 ? * MON,TUE,WED,THU,FRI *) Europe/Berlin'

describe('the clock', () => {
  test('opens what has traffic in the morning and closes everything in the evening', () => {
    expect(actionsOf(production)).toEqual({
      'web-blue-open': `${opens} 1..3`,
      'web-blue-close': closes,
      'web-green-close': closes,
      'worker-open': `${opens} 1..3`,
      'worker-close': closes,
    })
  })

  test('opens both colours while they share the traffic, and closes neither where it is open day and night', () => {
    expect(actionsOf(ha)).toEqual({
      'web-blue-open': `${opens} 2..4`,
      'web-green-open': `${opens} 2..4`,
      'worker-open': `${opens} 2..4`,
    })
  })

  test('never opens a sleeping environment, and puts it to sleep again on the day when it was woken', () => {
    const all = { 'web-blue-close': closes, 'web-green-close': closes, 'worker-close': closes }
    expect(actionsOf(staging)).toEqual(all)
    expect(actionsOf(environmentOf(released, 'staging', 'ha'))).toEqual(all)
    expect(staging.all('aws_scheduler_schedule')).not.toHaveProperty('clock-database-start')
  })

  test('opens nothing before the first release', () => {
    expect(Object.keys(actionsOf(environmentOf(unreleased, 'production', 'economy')))).toEqual([
      'web-blue-close',
      'web-green-close',
      'worker-close',
    ])
  })

  test('is not set back by an apply, at night or by day', () => {
    for (const target of Object.values(production.all('aws_appautoscaling_target')))
      expect(target).toMatchObject({ lifecycle: { ignore_changes: ['min_capacity', 'max_capacity'] } })
  })

  test('leaves a colour without traffic asleep from the beginning', () => {
    expect(production.get('aws_appautoscaling_target', 'scaling-web-blue')).toMatchObject({
      min_capacity: 1,
      max_capacity: 3,
      resource_id: 'service/${aws_ecs_cluster.cluster.name}/${aws_ecs_service.service-web-blue.name}',
    })
    expect(production.get('aws_appautoscaling_target', 'scaling-web-green')).toMatchObject({
      min_capacity: 0,
      max_capacity: 0,
    })
  })
})

describe('the database', () => {
  test('starts half an hour before opening and stops ten minutes after closing, by RDS itself', () => {
    expect(production.get('aws_scheduler_schedule', 'clock-database-start')).toMatchObject({
      schedule_expression: 'cron(30 7 ? * MON,TUE,WED,THU,FRI *)',
      schedule_expression_timezone: 'Europe/Berlin',
      flexible_time_window: { mode: 'OFF' },
      target: {
        arn: 'arn:${data.aws_partition.partition.partition}:scheduler:::aws-sdk:rds:startDBInstance',
        // Not RDS's own DBInstanceIdentifier: EventBridge Scheduler refuses that one.
        input: '{"DbInstanceIdentifier":"${aws_db_instance.database.identifier}"}',
        retry_policy: { maximum_event_age_in_seconds: 3600 },
      },
    })
    expect(production.get('aws_scheduler_schedule', 'clock-database-stop')).toMatchObject({
      schedule_expression: 'cron(10 18 * * ? *)',
      target: { arn: 'arn:${data.aws_partition.partition.partition}:scheduler:::aws-sdk:rds:stopDBInstance' },
    })
  })

  test('of a sleeping environment is stopped every day: RDS starts it by itself after seven', () => {
    for (const profile of ['economy', 'ha'] as const)
      expect(Object.keys(environmentOf(released, 'staging', profile).all('aws_scheduler_schedule'))).toEqual([
        'clock-database-stop',
      ])
  })

  test('is left alone where it runs day and night', () => {
    expect(ha.all('aws_scheduler_schedule')).toEqual({})
    expect(ha.all('aws_iam_role')).not.toHaveProperty('clock-role')
  })

  test('is all that the clock may start and stop', () => {
    expect(production.statements('aws_iam_role_policy', 'clock-role-policy')).toEqual([
      {
        Sid: 'StartAndStop',
        Effect: 'Allow',
        Action: ['rds:StartDBInstance', 'rds:StopDBInstance'],
        Resource: '${aws_db_instance.database.arn}',
      },
    ])
    expect(production.statements('aws_iam_role', 'clock-role', 'assume_role_policy')).toMatchObject([
      {
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': '${data.aws_caller_identity.account.account_id}' },
          ArnEquals: { 'aws:SourceArn': expect.stringMatching(/:schedule-group\/dayshift-production-clock$/) },
        },
      },
    ])
  })
})

describe('the load', () => {
  const policyOf = (name: string) =>
    ha.get('aws_appautoscaling_policy', `scaling-${name}`).target_tracking_scaling_policy_configuration

  test('is followed where traffic is: each policy makes alarms, which are paid for', () => {
    const followed = (stack: Synthesized) => Object.keys(stack.all('aws_appautoscaling_policy'))
    expect(followed(production)).toEqual([
      'scaling-web-blue-cpu',
      'scaling-web-blue-load',
      'scaling-worker-cpu',
      'scaling-worker-load',
    ])
    expect(followed(staging)).toEqual([])
  })

  test.each(['web-blue', 'web-green', 'worker'])('keeps the processors of %s at 70 percent', (name) => {
    expect(policyOf(`${name}-cpu`)).toEqual({
      predefined_metric_specification: { predefined_metric_type: 'ECSServiceAverageCPUUtilization' },
      target_value: 70,
      scale_in_cooldown: 120,
      scale_out_cooldown: 60,
    })
  })

  test.each([
    ['web-blue', 'ActiveSessions', 50],
    ['web-green', 'ActiveSessions', 50],
    ['worker', 'QueueBacklog', 100],
  ])('gives %s a task for each so many %s: %d', (name, metric, target) => {
    const published = {
      metric_name: metric,
      namespace: 'Dayshift',
      dimensions: [{ name: 'Environment', value: 'production' }],
    }
    expect(policyOf(`${name}-load`)).toMatchObject({
      target_value: target,
      scale_in_cooldown: 120,
      scale_out_cooldown: 60,
      customized_metric_specification: {
        metrics: [
          { id: 'load', metric_stat: { stat: 'Average', metric: published }, return_data: false },
          { id: 'tasks', metric_stat: { stat: 'SampleCount', metric: published }, return_data: false },
          { expression: 'load / tasks', return_data: true },
        ],
      },
    })
  })
})
