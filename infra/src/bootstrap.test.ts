import { describe, expect, test } from 'vitest'
import { createBootstrap } from './bootstrap.ts'
import { Bootstrap } from './environment.ts'
import { planOf } from './testing/foundation.ts'
import { synthesize } from './testing/synthesize.ts'

const json = synthesize(planOf('production', 'economy'), (stack) =>
  createBootstrap(stack, {
    region: 'eu-west-1',
    repository: 'analysts/dayshift',
    environments: ['production', 'staging'],
  }),
)

describe('the state bucket', () => {
  test('keeps every version of a state for a while, encrypted and closed', () => {
    expect(json.get('aws_s3_bucket', 'state').bucket).toBe(
      'dayshift-state-${data.aws_caller_identity.account.account_id}',
    )
    expect(json.get('aws_s3_bucket_versioning', 'state-versions')).toMatchObject({
      versioning_configuration: { status: 'Enabled' },
    })
    expect(json.get('aws_s3_bucket_server_side_encryption_configuration', 'state-encryption')).toMatchObject({
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }],
    })
    expect(json.get('aws_s3_bucket_public_access_block', 'state-closed')).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    })
    expect(json.get('aws_s3_bucket_lifecycle_configuration', 'state-lifecycle').rule).toMatchObject([
      { noncurrent_version_expiration: [{ noncurrent_days: 90 }] },
    ])
  })

  test('is not destroyed by mistake', () => {
    expect(json.get('aws_s3_bucket', 'state')).toMatchObject({ lifecycle: { prevent_destroy: true } })
  })

  test('answers by TLS only', () => {
    expect(json.statements('aws_s3_bucket_policy', 'state-policy')).toMatchObject([
      { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ])
  })
})

describe.each(['web', 'worker'])('the images of the %s', (process) => {
  test('are scanned and never replaced under the same tag', () => {
    expect(json.get('aws_ecr_repository', `images-${process}`)).toMatchObject({
      name: `dayshift/${process}`,
      image_tag_mutability: 'IMMUTABLE',
      image_scanning_configuration: { scan_on_push: true },
    })
  })

  test('are the last twenty', () => {
    const { policy, repository } = json.get('aws_ecr_lifecycle_policy', `images-${process}-lifecycle`)
    expect(repository).toBe(`\${aws_ecr_repository.images-${process}.name}`)
    expect(JSON.parse(String(policy)).rules).toMatchObject([
      { selection: { countType: 'imageCountMoreThan', countNumber: 20 }, action: { type: 'expire' } },
    ])
  })
})

describe('the role of deployments', () => {
  const trust = json.statements('aws_iam_role', 'deploy-staging', 'assume_role_policy')
  const may = json.statements('aws_iam_role_policy', 'deploy-staging-may')

  test('is had by workflows of the repository in the environment of the same name, and by no others', () => {
    expect(json.get('aws_iam_openid_connect_provider', 'github')).toMatchObject({
      url: 'https://token.actions.githubusercontent.com',
      client_id_list: ['sts.amazonaws.com'],
    })
    // docs.github.com: "Configuring OpenID Connect in Amazon Web Services", subject of a job with an environment.
    expect(trust[0]).toEqual({
      Sid: 'Workflow',
      Effect: 'Allow',
      Principal: { Federated: '${aws_iam_openid_connect_provider.github.arn}' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': 'repo:analysts/dayshift:environment:staging',
        },
      },
    })
    expect(trust[1]?.Condition?.ArnEquals?.['aws:PrincipalArn']).toMatch(/:role\/dayshift-delivery-deploy$/)
    expect(trust).toHaveLength(2)
  })

  test('makes roles of its environment only, and only within the boundary', () => {
    const makes = may.filter(({ Action, Effect }) => Effect === 'Allow' && [Action].flat().includes('iam:CreateRole'))
    expect(makes).toHaveLength(1)
    expect(makes[0]!.Resource).toMatch(/:role\/dayshift-staging-\*$/)
    expect(makes[0]!.Condition?.StringEquals?.['iam:PermissionsBoundary']).toMatch(/:policy\/dayshift-boundary$/)
    expect(json.get('aws_iam_policy', 'boundary').name).toBe('dayshift-boundary')
    // Every action that could give a role more than the boundary allows: IAM's list of actions with iam:PermissionsBoundary.
    const unbound = may.filter(({ Sid, Effect }) => Effect === 'Allow' && Sid !== 'RolesWithBoundary')
    for (const action of ['AttachRolePolicy', 'CreateRole', 'PutRolePolicy', 'PutRolePermissionsBoundary'])
      expect(unbound.flatMap(({ Action }) => Action)).not.toContain(`iam:${action}`)
  })

  test('hands roles only to services that need one', () => {
    const pass = may.filter(({ Action }) => [Action].flat().includes('iam:PassRole'))
    expect(pass).toMatchObject([{ Resource: expect.stringMatching(/:role\/dayshift-staging-\*$/) as string }])
    expect(pass[0]!.Condition?.StringEquals?.['iam:PassedToService']).toContain('ecs-tasks.amazonaws.com')
  })

  test('writes its own state and no other', () => {
    const states = may.find(({ Sid }) => Sid === 'State')
    expect(states?.Resource).toMatch(/dayshift-state-.*\/dayshift\/staging\.tfstate\*$/)
  })

  test('leaves alone what bears the tag of another environment', () => {
    const others = may.find(({ Effect }) => Effect === 'Deny')
    expect(others?.Action).toEqual(expect.arrayContaining(['rds:*', 'ecs:*', 'ec2:Delete*', 'elasticache:Delete*']))
    expect(others?.Condition).toEqual({
      Null: { 'aws:ResourceTag/Environment': 'false' },
      StringNotEquals: { 'aws:ResourceTag/Environment': 'staging' },
    })
  })

  test('has a boundary of its own: no people, no keys, no change of itself or of the state bucket', () => {
    expect(json.get('aws_iam_role', 'deploy-staging').permissions_boundary).toBe(
      '${aws_iam_policy.deploy-boundary.arn}',
    )
    const denied = json.statements('aws_iam_policy', 'deploy-boundary').filter(({ Effect }) => Effect === 'Deny')
    expect(denied.flatMap(({ Action = [] }) => Action)).toEqual(
      expect.arrayContaining([
        'iam:*User*',
        'iam:*AccessKey*',
        'iam:*OpenIDConnect*',
        'organizations:*',
        's3:DeleteBucket*',
      ]),
    )
    expect(denied.flatMap(({ Resource = [] }) => Resource)).toContainEqual(
      expect.stringMatching(/:role\/deploy-dayshift-\*$/),
    )
  })

  test('keeps within the sizes that IAM allows', () => {
    // docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters without spaces, with an account id of 12.
    const sizeOf = (type: string, name: string) =>
      String(json.get(type, name).policy)
        .replaceAll(/\$\{[^}]*account_id\}/g, '123456789012')
        .replaceAll(/\$\{[^}]*\}/g, 'aws').length
    expect(sizeOf('aws_iam_role_policy', 'deploy-production-may')).toBeLessThanOrEqual(10_240)
    for (const name of ['boundary', 'deploy-boundary'])
      expect(sizeOf('aws_iam_policy', name)).toBeLessThanOrEqual(6_144)
  })
})

test('the data of the account is checked', () => {
  expect(() => Bootstrap.parse({ region: 'eu-west-1', repository: 'dayshift', environments: ['production'] })).toThrow(
    'expected owner/name',
  )
})
