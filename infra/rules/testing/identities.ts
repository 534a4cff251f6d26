import type { Statement } from '../../src/policy.ts'
import { type Break, type On, sets } from './broken.ts'

/** Another statement in what the web's role may do. */
const allows = (rule: string, what: string, statement: Partial<Statement>): Break => ({
  rule,
  what,
  mutate: ({ policy }) =>
    policy('aws_iam_role_policy', 'role-web-policy', (statements) =>
      statements.push({ Sid: 'More', Effect: 'Allow', ...statement }),
    ),
})

/** The first statement about who may become a role, changed. */
const trusts = (what: string, role: string, change: (statement: Statement) => unknown, on: On = 'ha'): Break => ({
  rule: 'trust-limited',
  what,
  on,
  mutate: ({ policy }) => policy('aws_iam_role', role, ([first]) => change(first!), 'assume_role_policy'),
})

const ownAccount = '${data.aws_caller_identity.account.account_id}'
const bucket = '${aws_s3_bucket.bucket-objects.arn}'
const ownRoles = 'arn:aws:iam::${data.aws_caller_identity.account.account_id}:role/dayshift-production-*'
const sub = 'token.actions.githubusercontent.com:sub'

export const identityBreaks: Break[] = [
  sets('policy-readable', 'aws_iam_role_policy.role-web-policy', 'policy', '${data.aws_iam_policy_document.web.json}'),
  sets('policy-readable', 'aws_iam_role.role-web', 'assume_role_policy', '{}'),
  allows('no-administrator', 'every action on one bucket', { Action: '*', Resource: bucket }),
  allows('no-administrator', 'every action beside one', { Action: ['s3:GetObject', '*'], Resource: bucket }),
  allows('no-administrator', 'all actions but one', { NotAction: 's3:DeleteBucket', Resource: bucket }),
  {
    rule: 'no-administrator',
    what: 'the administrator policy of AWS',
    mutate: ({ add }) =>
      add('aws_iam_role_policy_attachment', 'more', {
        role: '${aws_iam_role.role-web.name}',
        policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
  },
  allows('resources-named', 'objects of every bucket', { Action: 's3:GetObject', Resource: '*' }),
  allows('resources-named', 'every bucket beside one', { Action: 's3:GetObject', Resource: [bucket, '*'] }),
  allows('resources-named', 'all objects of all buckets', { Action: 's3:GetObject', Resource: 'arn:aws:s3:::*/*' }),
  allows('resources-named', 'all resources but one', { Action: 's3:GetObject', NotResource: bucket }),
  allows('resources-named', 'one action too many beside one without resources', {
    Action: ['ecr:GetAuthorizationToken', 'ecr:BatchGetImage'],
    Resource: '*',
  }),
  {
    rule: 'resources-named',
    what: 'a bucket of all resources in a new statement of the deploy role',
    on: 'account',
    mutate: ({ policy }) =>
      policy('aws_iam_role_policy', 'deploy-production-may', (statements) =>
        statements.push({ Sid: 'More', Effect: 'Allow', Action: 'lambda:*', Resource: '*' }),
      ),
  },
  allows('no-escalation', 'a new policy for its own role', { Action: 'iam:PutRolePolicy', Resource: ownRoles }),
  {
    rule: 'no-escalation',
    what: 'roles without a boundary',
    on: 'account',
    mutate: ({ policy }) =>
      policy('aws_iam_role_policy', 'deploy-production-may', (statements) => {
        delete statements.find(({ Sid: sid }) => sid === 'RolesWithBoundary')!.Condition
      }),
  },
  {
    rule: 'roles-handed-over-by-name',
    what: 'roles for any service',
    on: 'account',
    mutate: ({ policy }) =>
      policy('aws_iam_role_policy', 'deploy-staging-may', (statements) => {
        delete statements.find(({ Sid: sid }) => sid === 'HandOverRoles')!.Condition
      }),
  },
  allows('roles-handed-over-by-name', 'a role for any service', {
    Action: ['s3:GetObject', 'iam:PassRole'],
    Resource: ownRoles,
  }),
  trusts('a service for any account', 'role-web', (statement) => delete statement.Condition),
  trusts(
    'a service for another account, too',
    'role-web',
    (statement) => (statement.Condition = { StringEquals: { 'aws:SourceAccount': [ownAccount, '${var.another}'] } }),
  ),
  trusts('everybody', 'role-web', (statement) => (statement.Principal = '*')),
  trusts('another account', 'role-web', (statement) => (statement.Principal = { AWS: '${var.account}' })),
  trusts(
    'every repository of GitHub',
    'deploy-production',
    ({ Condition: condition }) => delete condition!.StringEquals![sub],
    'account',
  ),
  trusts(
    'every branch, pull requests too',
    'deploy-production',
    ({ Condition: condition }) => (condition!.StringEquals![sub] = 'repo:example/dayshift:*'),
    'account',
  ),
  trusts(
    'every repository whose name begins so',
    'deploy-production',
    ({ Condition: condition }) => (condition!.StringEquals![sub] = 'repo:example/*:environment:production'),
    'account',
  ),
  {
    rule: 'no-wildcard-principal',
    what: 'a bucket that everybody reads',
    mutate: ({ policy }) =>
      policy('aws_s3_bucket_policy', 'bucket-objects-policy', (statements) =>
        statements.push({
          Sid: 'More',
          Effect: 'Allow',
          Principal: { AWS: ['${aws_iam_role.role-web.arn}', '*'] },
          Action: 's3:GetObject',
          Resource: `${bucket}/*`,
        }),
      ),
  },
  sets('role-boundary', 'aws_iam_role.role-web', 'permissions_boundary', undefined),
  sets('no-command-line-into-tasks', 'aws_ecs_service.service-worker', 'enable_execute_command', true),
]
