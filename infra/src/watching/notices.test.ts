import { describe, expect, test } from 'vitest'
import { environmentOf, released } from '../testing/environment.ts'
import type { Synthesized } from '../testing/synthesize.ts'

const production = environmentOf(released, 'production', 'economy')
const ha = environmentOf(released, 'production', 'ha')
const staging = environmentOf(released, 'staging', 'economy')

type Pattern = string | number | boolean | { prefix: string }
interface Patterns {
  [field: string]: Pattern[] | Patterns
}
/** EventBridge's rule for patterns: each field must have one of the values; of a list of things one that has them all is enough. */
function matches(patterns: Patterns, event: unknown): boolean {
  return Object.entries(patterns).every(([field, wanted]) => {
    const came = [(event as Record<string, unknown>)[field]].flat()
    if (!Array.isArray(wanted)) return came.some((one) => one !== undefined && matches(wanted, one))
    return came.some((one) =>
      wanted.some((want) => (typeof want === 'object' ? String(one).startsWith(want.prefix) : want === one)),
    )
  })
}
const plain = (text: unknown): string =>
  String(text)
    .replaceAll('${data.aws_partition.partition.partition}', 'aws')
    .replaceAll('${data.aws_caller_identity.account.account_id}', '123456789012')
    .replaceAll('${aws_db_instance.database.identifier}', 'dayshift-production')
/** Names of the rules that an event meets. */
const met = (event: object, { all }: Synthesized = production): string[] =>
  Object.entries(all('aws_cloudwatch_event_rule'))
    .filter(([, { event_pattern: pattern }]) => matches(JSON.parse(plain(pattern)) as Patterns, event))
    .map(([name]) => name.replace('notice-', ''))

const service = 'arn:aws:ecs:us-east-1:123456789012:service/dayshift-production/dayshift-production-web-blue'
const cluster = 'arn:aws:ecs:us-east-1:123456789012:cluster/dayshift-production'
// Events as in the user guides of ECS, Application Auto Scaling, RDS and AWS Backup, with our names.
const deployment = (eventName: string, arn = service) => ({
  'detail-type': 'ECS Deployment State Change',
  source: 'aws.ecs',
  resources: [arn],
  detail: { eventType: 'ERROR', eventName, deploymentId: 'ecs-svc/123', reason: 'tasks failed to start.' },
})
const stopped = (reason?: string, clusterArn = cluster) => ({
  'detail-type': 'ECS Task State Change',
  source: 'aws.ecs',
  detail: {
    clusterArn,
    lastStatus: 'STOPPED',
    containers: [{ name: 'other' }, { name: 'web', exitCode: 137, ...(reason && { reason }) }],
  },
})
const database = (EventID: string, SourceIdentifier = 'dayshift-production') => ({
  'detail-type': 'RDS DB Instance Event',
  source: 'aws.rds',
  detail: { SourceIdentifier, SourceType: 'DB_INSTANCE', EventID },
})
const scaled = (newDesiredCapacity: number, scaledToMax: boolean) => ({
  'detail-type': 'Application Auto Scaling Scaling Activity State Change',
  source: 'aws.application-autoscaling',
  detail: { resourceId: 'service/dayshift-production/dayshift-production-worker', scaledToMax, newDesiredCapacity },
})
const backup = (state: string, backupVaultName = 'dayshift-production') => ({
  'detail-type': 'Backup Job State Change',
  source: 'aws.backup',
  detail: { backupVaultName, state },
})

describe('notices', () => {
  test.each([
    ['a deployment that was sent back', deployment('SERVICE_DEPLOYMENT_FAILED'), ['deployment-failed']],
    ['a deployment that is done', deployment('SERVICE_DEPLOYMENT_COMPLETED'), []],
    [
      'tasks that do not start',
      { ...deployment('SERVICE_TASK_START_IMPAIRED'), 'detail-type': 'ECS Service Action' },
      ['deployment-failed'],
    ],
    [
      'a service of somebody else',
      deployment('SERVICE_DEPLOYMENT_FAILED', service.replaceAll('production', 'shop')),
      [],
    ],
    ['a task without memory', stopped('OutOfMemoryError: Container killed due to memory usage'), ['out-of-memory']],
    ['a task that was stopped', stopped(), []],
    ['a task of another cluster', stopped('OutOfMemoryError: x', cluster.replace('production', 'staging')), []],
    ['a service that cannot grow', scaled(3, true), ['at-limit']],
    ['a service that can', scaled(2, false), []],
    ['storage that is exhausted', database('RDS-EVENT-0007'), ['database']],
    ['an instance that is broken', database('RDS-EVENT-0031'), ['database']],
    ['a failover', database('RDS-EVENT-0013'), ['database']],
    ['backups that were turned off', database('RDS-EVENT-0028'), ['database']],
    ['the stop of each evening', database('RDS-EVENT-0087'), []],
    ['the start of each morning', database('RDS-EVENT-0088'), []],
    ['a database of somebody else', database('RDS-EVENT-0031', 'shop'), []],
    ['a backup that is done', database('RDS-EVENT-0002'), ['backup-finished']],
  ])('tell of %s', (_, event, names) => expect(met(event)).toEqual(names))

  test('tell of AWS Backup where it is bought', () => {
    for (const state of ['FAILED', 'ABORTED', 'EXPIRED']) expect(met(backup(state), ha)).toEqual(['backup-failed'])
    expect(met(backup('COMPLETED'), ha)).toEqual([])
    expect(met(backup('FAILED', 'shop'), ha)).toEqual([])
    expect(Object.keys(production.all('aws_cloudwatch_event_rule'))).not.toContain('notice-backup-failed')
  })

  test.each([
    ['production', ha],
    ['staging', staging],
  ])('of %s write mails, whole, and the finished backup is only counted', (_, { all }) => {
    const rules = Object.keys(all('aws_cloudwatch_event_rule')).filter((name) => name !== 'notice-backup-finished')
    expect(rules.length).toBeGreaterThan(3)
    expect(all('aws_cloudwatch_event_target')).toEqual(
      Object.fromEntries(
        rules.map((rule) => [
          `${rule}-mail`,
          {
            rule: `\${aws_cloudwatch_event_rule.${rule}.name}`,
            target_id: 'mail',
            arn: '${aws_sns_topic_policy.alarms-policy.arn}',
          },
        ]),
      ),
    )
  })
})
