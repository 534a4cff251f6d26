import { describe, expect, test } from 'vitest'
import type { Statement } from '../policy.ts'
import { environmentOf, released } from '../testing/environment.ts'

const production = environmentOf(released, 'production', 'economy')
const staging = environmentOf(released, 'staging', 'economy')
const ha = environmentOf(released, 'production', 'ha', { ownKey: true })
const roles = ['web', 'worker', 'migration', 'execution']
const account = '${data.aws_caller_identity.account.account_id}'
const allowed = (role: string, stack = production): Statement[] =>
  stack.statements('aws_iam_role_policy', `role-${role}-policy`)
const bySid = (sid: string, role: string, stack = production) => allowed(role, stack).find(({ Sid }) => Sid === sid)
const list = (value: string | string[] | undefined): string[] => [value ?? []].flat()

describe('a role', () => {
  test.each(roles)('of %s is taken by tasks of this account alone, within the boundary', (role) => {
    expect(production.get('aws_iam_role', `role-${role}`)).toMatchObject({
      name: `dayshift-production-${role}`,
      permissions_boundary: expect.stringMatching(/:policy\/dayshift-boundary$/),
    })
    expect(production.statements('aws_iam_role', `role-${role}`, 'assume_role_policy')).toMatchObject([
      {
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': expect.stringMatching(/:ecs:us-east-1:.+:\*$/) },
        },
      },
    ])
  })

  test.each(['web', 'worker', 'migration'])('of %s can never become another identity', (role) => {
    expect(allowed(role)).toContainEqual({ Sid: 'NoIdentities', Effect: 'Deny', Action: 'iam:*', Resource: '*' })
  })

  test.each(roles)('of %s names what it may touch, but where AWS knows no name', (role) => {
    const everywhere = allowed(role, ha).filter(
      ({ Effect, Resource }) => Effect === 'Allow' && list(Resource).some((resource) => resource === '*'),
    )
    expect(everywhere.map(({ Action }) => Action)).toEqual(role === 'execution' ? ['ecr:GetAuthorizationToken'] : [])
    for (const { Action } of allowed(role, ha).filter(({ Effect }) => Effect === 'Allow'))
      for (const action of list(Action)) expect(action).not.toContain('*')
  })

  // IAM: the inline policies of a role have at most 10,240 characters together, white space not counted.
  test.each(roles)('of %s fits into IAM', (role) => {
    const text = String(ha.get('aws_iam_role_policy', `role-${role}-policy`).policy)
      .replaceAll(account, '123456789012')
      .replaceAll('${data.aws_partition.partition.partition}', 'aws')
    expect(text.length).toBeLessThan(10_240)
  })
})

describe('the tasks', () => {
  test.each(['web', 'worker'])('of %s read and write their objects, and no other bucket', (role) => {
    expect(bySid('Objects', role)).toMatchObject({
      Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      Resource: expect.stringMatching(/bucket-objects.+\/\*$/),
    })
    const buckets = allowed(role, staging).flatMap(({ Action, Resource }) =>
      list(Action).some((action) => action.startsWith('s3:')) ? list(Resource) : [],
    )
    for (const bucket of buckets) expect(bucket).toContain('bucket-objects')
  })

  test.each(['web', 'worker'])('of %s sign in to the cache as their own user', (role) => {
    expect(bySid('Cache', role)).toMatchObject({ Action: 'elasticache:Connect' })
    expect(list(bySid('Cache', role)!.Resource)).toHaveLength(2)
  })

  test('read the password of their own user; the migration reads that of the administrator, too', () => {
    const own = '${aws_secretsmanager_secret.database-password.arn}'
    for (const role of ['web', 'worker'])
      expect(bySid('Secrets', role)).toMatchObject({ Action: 'secretsmanager:GetSecretValue', Resource: [own] })
    expect(bySid('Secrets', 'migration')!.Resource).toEqual([
      own,
      '${aws_db_instance.database.master_user_secret[0].secret_arn}',
    ])
    expect(allowed('migration').map(({ Sid }) => Sid)).toEqual(['Secrets', 'NoIdentities'])
    expect(bySid('Secrets', 'execution')).toBeUndefined()
  })

  test('of the worker alone read the log of model calls, and nothing else of the logs', () => {
    const folder = `AWSLogs/${account}/BedrockModelInvocationLogs/*`
    expect(bySid('InvocationLog', 'worker')).toMatchObject({
      Action: 's3:GetObject',
      Resource: expect.stringContaining(`/${folder}`),
    })
    expect(bySid('ListInvocationLog', 'worker')!.Condition).toEqual({
      StringLike: { 's3:prefix': ['AWSLogs/', folder] },
    })
    expect(bySid('InvocationLog', 'web')).toBeUndefined()
    expect(bySid('InvocationLog', 'worker', staging)).toBeUndefined()
  })

  test('use the key where the profile has one', () => {
    for (const role of ['web', 'worker', 'migration']) {
      expect(bySid('Key', role)).toBeUndefined()
      expect(bySid('Key', role, ha)).toMatchObject({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: '${aws_kms_key.key.arn}',
      })
    }
  })
})

test('the execution role pulls the two images and writes the three logs', () => {
  expect(bySid('Images', 'execution')!.Resource).toEqual([
    '${data.aws_ecr_repository.repository-web.arn}',
    '${data.aws_ecr_repository.repository-worker.arn}',
  ])
  expect(bySid('Logs', 'execution')).toMatchObject({
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: ['web', 'worker', 'migration'].map((name) => `\${aws_cloudwatch_log_group.logs-${name}.arn}:*`),
  })
})
