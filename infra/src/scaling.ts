import { AppautoscalingPolicy, AppautoscalingScheduledAction, AppautoscalingTarget } from './aws.ts'
import { IamRole, IamRolePolicy, SchedulerSchedule, SchedulerScheduleGroup, type TerraformStack } from './aws.ts'
import type { Plan } from './environment.ts'
import { accountId, boundaryArn, partition } from './identity.ts'
import type { Compute, Data } from './parts.ts'
import { policyDocument } from './policy.ts'
import { isLive, type Release } from './release.ts'
import { clock } from './schedule.ts'

interface Around {
  data: Data
  compute: Compute
  release: Release
}

/** Follows the clock and, within the hours, the load. */
export function createScaling(stack: TerraformStack, plan: Plan, { data, compute, release }: Around): void {
  for (const colour of ['blue', 'green'] as const) {
    scale(stack, plan, {
      name: `web-${colour}`,
      clusterName: compute.clusterName,
      serviceName: compute.webServiceNames[colour],
      size: plan.buys.web,
      isLive: release[colour].weight > 0,
      load: { metric: 'ActiveSessions', perTask: 50 },
    })
  }
  scale(stack, plan, {
    name: 'worker',
    clusterName: compute.clusterName,
    serviceName: compute.workerServiceName,
    size: plan.buys.worker,
    isLive: isLive(release),
    load: { metric: 'QueueBacklog', perTask: 100 },
  })
  if (!plan.buys.database.always || plan.asleep) stopDatabaseAtNight(stack, plan, data)
}

interface Scaled {
  name: string
  clusterName: string
  serviceName: string
  size: { min: number; max: number; always: boolean }
  isLive: boolean
  load: { metric: 'ActiveSessions' | 'QueueBacklog'; perTask: number }
}

function scale(
  stack: TerraformStack,
  plan: Plan,
  { name, clusterName, serviceName, size, isLive, load }: Scaled,
): void {
  const { min, max } = size
  const opens = isLive && !plan.asleep
  const open = opens ? { min, max } : { min: 0, max: 0 }
  const target = new AppautoscalingTarget(stack, `scaling-${name}`, {
    serviceNamespace: 'ecs',
    scalableDimension: 'ecs:service:DesiredCount',
    resourceId: `service/${clusterName}/${serviceName}`,
    minCapacity: open.min,
    maxCapacity: open.max,
    // The clock and the release command move them: an apply at night must not open, one by day not close.
    lifecycle: { ignoreChanges: ['min_capacity', 'max_capacity'] },
    tags: { Name: `dayshift-${plan.name}-${name}` },
  })
  const { tasksStart, tasksStop } = clock(plan.hours)
  const act = (action: string, schedule: string, capacity: { min: number; max: number }): void => {
    new AppautoscalingScheduledAction(stack, `scaling-${name}-${action}`, {
      name: `dayshift-${plan.name}-${name}-${action}`,
      ...placeOf(target),
      schedule,
      timezone: plan.hours.timeZone,
      scalableTargetAction: { minCapacity: String(capacity.min), maxCapacity: String(capacity.max) },
    })
  }
  // Where it never closes, too: a changed profile takes effect with it.
  if (opens) act('open', tasksStart, open)
  // What has no traffic is the way back until the evening, and then rests.
  if (!opens || !size.always) act('close', tasksStop, { min: 0, max: 0 })
  // Not where nothing is: CloudWatch counts the alarms that each policy makes.
  if (opens) followLoad(stack, plan, target, name, load)
}

const placeOf = ({ serviceNamespace, scalableDimension, resourceId }: AppautoscalingTarget) => ({
  serviceNamespace,
  scalableDimension,
  resourceId,
})

type Tracking = NonNullable<
  ConstructorParameters<typeof AppautoscalingPolicy>[2]['targetTrackingScalingPolicyConfiguration']
>

/**
 * Target tracking on processor time and on a load for each task. The processes publish the load of all tasks together, each once a
 * minute: the average is that load, the number of samples is the number of tasks.
 */
function followLoad(
  stack: TerraformStack,
  plan: Plan,
  target: AppautoscalingTarget,
  name: string,
  { metric, perTask }: Scaled['load'],
): void {
  const cooldowns = { scaleInCooldown: 120, scaleOutCooldown: 60 }
  const track = (what: string, tracking: Tracking): void => {
    new AppautoscalingPolicy(stack, `scaling-${name}-${what}`, {
      name: `dayshift-${plan.name}-${name}-${what}`,
      policyType: 'TargetTrackingScaling',
      ...placeOf(target),
      targetTrackingScalingPolicyConfiguration: { ...cooldowns, ...tracking },
    })
  }
  track('cpu', {
    targetValue: 70,
    predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
  })
  const published = (id: string, stat: string) => ({
    id,
    returnData: false,
    metricStat: {
      stat,
      metric: {
        namespace: 'Dayshift',
        metricName: metric,
        dimensions: [{ name: 'Environment', value: plan.name }],
      },
    },
  })
  track('load', {
    targetValue: perTask,
    customizedMetricSpecification: {
      metrics: [
        published('load', 'Average'),
        published('tasks', 'SampleCount'),
        { id: 'perTask', expression: 'load / tasks', label: `${metric} for each task`, returnData: true },
      ],
    },
  })
}

/** EventBridge calls RDS itself, with a role that may start and stop this one instance. */
function stopDatabaseAtNight(stack: TerraformStack, plan: Plan, { database }: Data): void {
  const name = `dayshift-${plan.name}-clock`
  const group = new SchedulerScheduleGroup(stack, 'clock', { name, tags: { Name: name } })
  const role = new IamRole(stack, 'clock-role', {
    name,
    assumeRolePolicy: policyDocument([
      {
        Sid: 'SchedulesOfThisGroup',
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': accountId(stack) },
          ArnEquals: {
            'aws:SourceArn': `arn:${partition(stack)}:scheduler:${plan.region}:${accountId(stack)}:schedule-group/${name}`,
          },
        },
      },
    ]),
    permissionsBoundary: boundaryArn(stack),
    tags: { Name: name },
  })
  const policy = new IamRolePolicy(stack, 'clock-role-policy', {
    name: 'database',
    role: role.name,
    policy: policyDocument([
      {
        Sid: 'StartAndStop',
        Effect: 'Allow',
        Action: ['rds:StartDBInstance', 'rds:StopDBInstance'],
        Resource: database.arn,
      },
    ]),
  })
  const { databaseStart, databaseStop } = clock(plan.hours)
  const call = (action: 'start' | 'stop', scheduleExpression: string): void => {
    new SchedulerSchedule(stack, `clock-database-${action}`, {
      name: `dayshift-${plan.name}-database-${action}`,
      groupName: group.name,
      description: `RDS: ${action} the database of ${plan.name}`,
      scheduleExpression,
      scheduleExpressionTimezone: plan.hours.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: `arn:${partition(stack)}:scheduler:::aws-sdk:rds:${action}DBInstance`,
        roleArn: role.arn,
        // Scheduler's own spelling of RDS's DBInstanceIdentifier.
        input: JSON.stringify({ DbInstanceIdentifier: database.instanceId }),
        // An instance in the middle of a backup or of maintenance can be neither started nor stopped, but soon again.
        retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 3600 },
      },
      dependsOn: [policy],
    })
  }
  if (!plan.asleep) call('start', databaseStart)
  call('stop', databaseStop)
}
