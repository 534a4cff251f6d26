import { CloudwatchEventRule, CloudwatchEventTarget, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import { accountId, partition } from '../identity.ts'
import type { Data } from '../parts.ts'

interface Around {
  topicArn: string
  data: Data
}

/**
 * Trouble that nobody calls for a price from RDS: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html. Whole
 * categories would also tell of every start and stop, and each time that storage grows.
 */
const databaseTrouble = [
  'RDS-EVENT-0007', // storage is exhausted
  'RDS-EVENT-0013', // failover has begun
  'RDS-EVENT-0028', // automated backups were turned off
  'RDS-EVENT-0031', // broken: restore it
  'RDS-EVENT-0035', // parameters that it cannot run with
  'RDS-EVENT-0036', // network that it cannot run in
  'RDS-EVENT-0223', // storage cannot grow
  'RDS-EVENT-0224', // storage would grow beyond its limit
  'RDS-EVENT-0225', // storage comes near to its limit
  'RDS-EVENT-0254', // storage quota of the account
  'RDS-EVENT-0418', // key cannot be used
  'RDS-EVENT-0419', // key cannot be used: goes out of reach
]

/** Mails about events, which cost nothing, unlike alarms. Gives the name of the rule that counts the finished backups. */
export function createNotices(stack: TerraformStack, plan: Plan, { topicArn, data }: Around): string {
  const rule = (name: string, description: string, pattern: object): CloudwatchEventRule => {
    const full = `dayshift-${plan.name}-${name}`
    return new CloudwatchEventRule(stack, `notice-${name}`, {
      name: full,
      description,
      eventPattern: JSON.stringify(pattern),
      tags: { Name: full },
    })
  }
  // The whole event: what could be left out is what is needed in the morning.
  const tell = (name: string, description: string, pattern: object): void => {
    const { name: ruleName } = rule(name, description, pattern)
    new CloudwatchEventTarget(stack, `notice-${name}-mail`, { rule: ruleName, targetId: 'mail', arn: topicArn })
  }
  const cluster = `dayshift-${plan.name}`
  const ecs = (kind: string): string =>
    `arn:${partition(stack)}:ecs:${plan.region}:${accountId(stack)}:${kind}/${cluster}`

  tell('deployment-failed', 'A deployment was given up or sent back, or tasks do not start', {
    source: ['aws.ecs'],
    'detail-type': ['ECS Deployment State Change', 'ECS Service Action'],
    resources: [{ prefix: `${ecs('service')}/` }],
    detail: {
      eventName: ['SERVICE_DEPLOYMENT_FAILED', 'SERVICE_TASK_START_IMPAIRED', 'SERVICE_TASK_CONFIGURATION_FAILURE'],
    },
  })
  tell('out-of-memory', 'A task was killed because it used all its memory', {
    source: ['aws.ecs'],
    'detail-type': ['ECS Task State Change'],
    detail: {
      clusterArn: [ecs('cluster')],
      lastStatus: ['STOPPED'],
      containers: { reason: [{ prefix: 'OutOfMemoryError' }] },
    },
  })
  tell('at-limit', 'A service has as many tasks as it may, by its processors or its load', {
    source: ['aws.application-autoscaling'],
    'detail-type': ['Application Auto Scaling Scaling Activity State Change'],
    detail: { scaledToMax: [true], resourceId: [{ prefix: `service/${cluster}/` }] },
  })
  tell('database', 'The database is broken, out of storage or of reach, or fails over', {
    source: ['aws.rds'],
    'detail-type': ['RDS DB Instance Event'],
    detail: { SourceIdentifier: [data.database.instanceId], EventID: databaseTrouble },
  })
  if (plan.buys.backupPlan && plan.production)
    tell('backup-failed', 'AWS Backup could not make its snapshot', {
      source: ['aws.backup'],
      'detail-type': ['Backup Job State Change'],
      detail: { backupVaultName: [cluster], state: ['FAILED', 'ABORTED', 'EXPIRED'] },
    })
  // Without a target: CloudWatch counts how often a rule is met.
  return rule('backup-finished', 'Counts the backups that RDS has finished', {
    source: ['aws.rds'],
    'detail-type': ['RDS DB Instance Event'],
    detail: { SourceIdentifier: [data.database.instanceId], EventID: ['RDS-EVENT-0002'] },
  }).name
}
