import { describe, expect, test } from 'vitest'
import { environmentOf, released } from '../testing/environment.ts'

const production = environmentOf(released, 'production', 'economy')
const ha = environmentOf(released, 'production', 'ha', { ownKey: true })
const account = '${data.aws_caller_identity.account.account_id}'

describe('the topic', () => {
  test.each(['production', 'staging'] as const)('of %s writes to its people', (name) => {
    const { get } = environmentOf(released, name, 'economy')
    expect(get('aws_sns_topic', 'alarms')).toMatchObject({ name: `dayshift-${name}-alarms` })
    expect(get('aws_sns_topic_subscription', 'alarms-mail')).toEqual({
      topic_arn: '${aws_sns_topic.alarms.arn}',
      protocol: 'email',
      endpoint: 'alarms@example.org',
    })
  })

  test('lets in the alarms of its environment, budgets and costs of its account, and EventBridge', () => {
    const topic = { Effect: 'Allow', Action: 'sns:Publish', Resource: '${aws_sns_topic.alarms.arn}' }
    expect(production.statements('aws_sns_topic_policy', 'alarms-policy')).toEqual([
      {
        Sid: 'Alarms',
        ...topic,
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: {
            'aws:SourceArn': `arn:\${data.aws_partition.partition.partition}:cloudwatch:us-east-1:${account}:alarm:dayshift-production-*`,
          },
        },
      },
      {
        Sid: 'Money',
        ...topic,
        Principal: { Service: ['budgets.amazonaws.com', 'costalerts.amazonaws.com'] },
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      },
      // A condition here would lose every notice.
      { Sid: 'Notices', ...topic, Principal: { Service: 'events.amazonaws.com' } },
    ])
  })

  test('is encrypted by the environment’s own key, never by the one of AWS, which no alarm may use', () => {
    expect(ha.get('aws_sns_topic', 'alarms').kms_master_key_id).toBe('${aws_kms_key.key.arn}')
    expect(production.get('aws_sns_topic', 'alarms')).not.toHaveProperty('kms_master_key_id')
  })

  test('by its own key can be written to by all who are let in', () => {
    const keyUsers = ha
      .statements('aws_kms_key', 'key')
      .filter(({ Action }) => [Action].flat().some((action) => action?.startsWith('kms:GenerateDataKey')))
      .flatMap(({ Principal }) => (typeof Principal === 'object' ? [Principal.Service].flat() : []))
    for (const { Principal } of ha.statements('aws_sns_topic_policy', 'alarms-policy'))
      for (const service of [(Principal as { Service: string }).Service].flat()) expect(keyUsers).toContain(service)
  })
})
