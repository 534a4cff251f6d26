import type { Statement } from '../src/policy.ts'
import { conditionValues, grants, listOf, policiesOf, type Policy, policyReadable, principalsOf } from './policies.ts'
import { type Rule, show, type Violation } from './rule.ts'
import { each, type Subject, value } from './subject.ts'

type Kind = Policy['kind']

/** Each statement that allows something, in policies of these kinds. */
const allowing = (subject: Subject, ...kinds: Kind[]): { address: string; statement: Statement }[] =>
  policiesOf(subject)
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap(({ resource: { address }, statements }) =>
      statements.filter(({ Effect }) => Effect === 'Allow').map((statement) => ({ address, statement })),
    )

/** Whether a statement reaches everything: without a resource that it names, or with all but some. */
const isEverywhere = ({ Resource: resource, NotResource: except }: Statement): boolean =>
  except !== undefined || listOf(resource).some((each) => /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*(\/\*)?)$/.test(each))

/** Whether a statement allows every action, or all but some: `no-administrator` speaks of it, and the other rules need not. */
const isEveryAction = ({ Action: action, NotAction: except }: Statement): boolean =>
  except !== undefined || listOf(action).some((pattern) => /^\*(:\*)?$/.test(pattern))

/** Actions for which AWS knows no resource. Service Authorization Reference: "Resource types" is empty in the tables of these services. */
const unrestrictable = [
  'autoscaling:Describe*',
  'bedrock:DeleteModelInvocationLoggingConfiguration',
  'bedrock:GetModelInvocationLoggingConfiguration',
  'bedrock:PutModelInvocationLoggingConfiguration',
  'cloudwatch:PutMetricData',
  'ec2:Describe*',
  'ecr:GetAuthorizationToken',
  'ecs:DescribeTaskDefinition',
  'elasticloadbalancing:Describe*',
  'secretsmanager:GetRandomPassword',
  'ssm:DescribeParameters',
  'sts:GetCallerIdentity',
]

/** With these a role gets more rights than it has: Rhino Security Labs, "AWS IAM Privilege Escalation"; Checkov CKV_AWS_286. */
const escalating = [
  'iam:AddUserToGroup',
  'iam:AttachGroupPolicy',
  'iam:AttachRolePolicy',
  'iam:AttachUserPolicy',
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:CreatePolicyVersion',
  'iam:CreateRole',
  'iam:DeleteRolePermissionsBoundary',
  'iam:PutGroupPolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
  'iam:PutUserPolicy',
  'iam:SetDefaultPolicyVersion',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateLoginProfile',
]
/** Those that IAM can tie to a permissions boundary, so that what they make is never more than it. */
const boundable = ['iam:AttachRolePolicy', 'iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy']

function escalation({ address, statement }: { address: string; statement: Statement }): Violation[] {
  const found = escalating.filter((action) => listOf(statement.Action).some((pattern) => grants(pattern, action)))
  const isBound = conditionValues(statement, 'iam:PermissionsBoundary').length > 0
  return found
    .filter((action) => isEverywhere(statement) || (boundable.includes(action) && !isBound))
    .map((action) => ({
      address,
      expected: boundable.includes(action)
        ? `${action} on named roles and with the condition iam:PermissionsBoundary`
        : `${action} on named roles`,
      came: `${statement.Sid}: ${action}${isEverywhere(statement) ? ' on everything' : ' without a boundary'}`,
    }))
}

/** Accounts, and what stands for one, in the tokens of the synthesis. */
const isOwnAccount = (values: string[]): boolean =>
  values.length > 0 && values.every((each) => /\$\{data\.aws_caller_identity\.[\w-]+\.account_id\}/.test(each))

function trust({ address, statement }: { address: string; statement: Statement }): Violation[] {
  const wrong = (expected: string, came: string): Violation => ({
    address,
    expected,
    came: `${statement.Sid}: ${came}`,
  })
  return principalsOf(statement).flatMap(({ kind, name }) => {
    if (name.includes('*')) return [wrong('a principal by its name', name)]
    if (kind === 'Service') {
      const isOurs =
        isOwnAccount(conditionValues(statement, 'aws:SourceAccount')) ||
        isOwnAccount(conditionValues(statement, 'aws:SourceArn'))
      return isOurs ? [] : [wrong('the condition aws:SourceAccount or aws:SourceArn', `${name} for any account`)]
    }
    if (kind === 'Federated') return federated(statement).map((came) => wrong('aud, and sub of one repository', came))
    const isNamed = !name.endsWith(':root') || conditionValues(statement, 'aws:PrincipalArn').length > 0
    return isNamed && isOwnAccount([name]) ? [] : [wrong('a role of this account', name)]
  })
}

/** GitHub gives a token to every repository in the world: only `sub` says whose, and a wildcard in it must not reach another. */
function federated(statement: Statement): string[] {
  const of = (claim: string): string[] => conditionValues(statement, `token.actions.githubusercontent.com:${claim}`)
  const subjects = of('sub')
  return [
    ...(of('aud').includes('sts.amazonaws.com') ? [] : ['no aud']),
    ...(subjects.length === 0 ? ['no sub'] : []),
    ...subjects.filter((sub) => !/^repo:[\w.-]+\/[\w.-]+:(environment|ref):[^*?]+$/.test(sub)),
  ]
}

const managed = /policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|job-function\/SystemAdministrator)/

export const identityRules: Rule[] = [
  policyReadable,
  {
    id: 'no-administrator',
    number: 40,
    says: 'No policy allows every action, or all but some, and no role has a policy of AWS that does.',
    sources: ['CKV_AWS_62', 'CKV_AWS_63', 'AWS-0057'],
    check: (subject) => [
      ...allowing(subject, 'identity', 'resource')
        .filter(({ statement }) => isEveryAction(statement))
        .map(({ address, statement }) => ({
          address,
          expected: 'actions by their names',
          came: `${statement.Sid}: every action`,
        })),
      ...subject
        .of('aws_iam_role_policy_attachment')
        .filter(({ attributes }) => managed.test(String(attributes.policy_arn)))
        .map(({ address, attributes }) => ({
          address,
          expected: 'a policy of our own',
          came: String(attributes.policy_arn),
        })),
    ],
  },
  {
    id: 'resources-named',
    number: 40,
    says: 'What can be allowed for named resources is allowed for named resources.',
    sources: ['CKV_AWS_289', 'CKV_AWS_290', 'CKV_AWS_355', 'AWS-0345'],
    check: (subject) =>
      allowing(subject, 'identity', 'resource')
        .filter(({ statement }) => isEverywhere(statement) && !isEveryAction(statement))
        .flatMap(({ address, statement }) => {
          const restrictable = listOf(statement.Action).filter(
            (action) => !unrestrictable.some((known) => grants(known, action)),
          )
          if (restrictable.length === 0) return []
          const came = `${statement.Sid}: ${restrictable[0]}${restrictable.length > 1 ? ` and ${restrictable.length - 1} more` : ''} on *`
          return [{ address, expected: 'Resource with ARNs', came }]
        }),
  },
  {
    id: 'no-escalation',
    number: 40,
    says: 'No role gives itself or another more rights than a boundary allows.',
    sources: ['CKV_AWS_286', 'AWS-0342'],
    check: (subject) =>
      allowing(subject, 'identity')
        .filter(({ statement }) => !isEveryAction(statement))
        .flatMap(escalation),
  },
  {
    id: 'roles-handed-over-by-name',
    number: 40,
    says: 'Roles are handed over by name, and to named services.',
    sources: ['CKV_AWS_290', 'AWS-0342'],
    check: (subject) =>
      allowing(subject, 'identity')
        .filter(({ statement }) => !isEveryAction(statement))
        .filter(({ statement }) => listOf(statement.Action).some((pattern) => grants(pattern, 'iam:PassRole')))
        .filter(
          ({ statement }) => isEverywhere(statement) || conditionValues(statement, 'iam:PassedToService').length === 0,
        )
        .map(({ address, statement }) => ({
          address,
          expected: 'iam:PassRole on named roles with the condition iam:PassedToService',
          came: `${statement.Sid}: ${isEverywhere(statement) ? 'every role' : 'to any service'}`,
        })),
  },
  {
    id: 'trust-limited',
    number: 41,
    says: 'A role is for one service in the name of this account, a named role of it, or workflows of one repository.',
    sources: ['CKV_AWS_60', 'CKV_AWS_61', 'CKV_AWS_358', 'CKV_AWS_393'],
    check: (subject) => allowing(subject, 'trust').flatMap(trust),
  },
  {
    id: 'no-wildcard-principal',
    number: 31,
    says: 'No policy of a bucket, key, topic, queue or endpoint allows everybody something.',
    sources: ['CKV_AWS_33', 'CKV_AWS_70', 'CKV_AWS_168', 'CKV_AWS_169'],
    check: (subject) =>
      allowing(subject, 'resource')
        .filter(({ statement }) => principalsOf(statement).some(({ name }) => name === '*'))
        .map(({ address, statement }) => ({
          address,
          expected: 'principals by their names',
          came: `${statement.Sid}: *`,
        })),
  },
  {
    id: 'role-boundary',
    says: 'A role that a deployment makes stays within the boundary that the bootstrap set.',
    sources: ['docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html'],
    check: (subject, plan) =>
      (plan ? subject.of('aws_iam_role') : [])
        .filter(
          ({ attributes }) => !String(value(attributes, 'permissions_boundary')).endsWith(':policy/dayshift-boundary'),
        )
        .map(({ address, attributes }) => ({
          address,
          expected: 'permissions_boundary = boundaryArn(stack)',
          came: show(value(attributes, 'permissions_boundary')),
        })),
  },
  {
    id: 'no-command-line-into-tasks',
    says: 'Nobody opens a shell in a running task.',
    sources: ['docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html'],
    check: (subject) => each(subject.of('aws_ecs_service'), 'enable_execute_command', false),
  },
]
