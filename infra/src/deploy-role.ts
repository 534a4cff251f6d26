import { IamRole, IamRolePolicy, type TerraformStack } from './aws.ts'
import { accountId, boundaryArn, partition } from './identity.ts'
import { policyDocument, type Statement } from './policy.ts'

interface Deploys {
  environment: string
  region: string
  repository: string
  /** GitHub's identity provider. */
  providerArn: string
  boundaryArn: string
}

/** The role that CodePipeline's builds have; only an administrator makes it, with the stack `delivery`. */
const pipelineRole = 'dayshift-delivery-deploy'

/**
 * The role of one environment's deployments. GitHub's workflows have it while they run in the repository's environment of the same
 * name, where approvals are asked; a branch or a fork never has it.
 */
export function createDeployRole(stack: TerraformStack, deploys: Deploys): void {
  const { environment, repository, providerArn, boundaryArn } = deploys
  const name = `deploy-dayshift-${environment}`
  const account = arnOf(stack)('iam', 'root')
  const role = new IamRole(stack, `deploy-${environment}`, {
    name,
    description: `Deploys the environment ${environment} of Dayshift`,
    permissionsBoundary: boundaryArn,
    // A first deployment waits for CloudFront and the database.
    maxSessionDuration: 2 * 3600,
    assumeRolePolicy: policyDocument([
      {
        Sid: 'Workflow',
        Effect: 'Allow',
        Principal: { Federated: providerArn },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': `repo:${repository}:environment:${environment}`,
          },
        },
      },
      {
        Sid: 'Pipeline',
        Effect: 'Allow',
        Principal: { AWS: account },
        Action: 'sts:AssumeRole',
        Condition: { ArnEquals: { 'aws:PrincipalArn': arnOf(stack)('iam', `role/${pipelineRole}`) } },
      },
    ]),
    tags: { Name: name },
  })
  new IamRolePolicy(stack, `deploy-${environment}-may`, {
    name: 'deploy',
    role: role.name,
    policy: policyDocument(deployStatements(stack, deploys)),
  })
}

/** ARN in this account; in `at`, or in no region where the service has none. */
const arnOf =
  (stack: TerraformStack, at = '') =>
  (service: string, resource: string): string =>
    `arn:${partition(stack)}:${service}:${at}:${accountId(stack)}:${resource}`

const prefixed = (services: string[]): string[] => services.map((service) => `${service}:*`)

function deployStatements(stack: TerraformStack, { environment, region }: Deploys): Statement[] {
  const here = arnOf(stack, region)
  const everywhere = arnOf(stack)
  const bucket = (name: string): string => `arn:${partition(stack)}:s3:::${name}`
  const state = bucket(`dayshift-state-${accountId(stack)}`)
  const own = `dayshift-${environment}-*`
  return [
    {
      Sid: 'ResourcesWithNamesOfAws',
      Effect: 'Allow',
      // Their ARNs carry a number that nobody knows before they are made.
      Action: prefixed([
        'acm',
        'application-autoscaling',
        'autoscaling',
        'backup',
        'backup-storage',
        'budgets',
        'ce',
        'cloudfront',
        'cloudwatch',
        'ec2',
        'ecs',
        'elasticache',
        'elasticloadbalancing',
        'events',
        'kms',
        'logs',
        'rds',
        'route53',
        'scheduler',
        'sns',
        'wafv2',
      ]),
      Resource: '*',
      // Global services are asked in us-east-1.
      Condition: { StringEquals: { 'aws:RequestedRegion': [...new Set([region, 'us-east-1'])] } },
    },
    {
      Sid: 'ModelLog',
      Effect: 'Allow',
      Action: [
        'bedrock:DeleteModelInvocationLoggingConfiguration',
        'bedrock:GetModelInvocationLoggingConfiguration',
        'bedrock:PutModelInvocationLoggingConfiguration',
      ],
      Resource: '*',
    },
    {
      Sid: 'Buckets',
      Effect: 'Allow',
      Action: 's3:*',
      Resource: [bucket(own), bucket(`${own}/*`)],
    },
    { Sid: 'StateFolder', Effect: 'Allow', Action: 's3:ListBucket', Resource: state },
    {
      Sid: 'State',
      Effect: 'Allow',
      Action: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      Resource: `${state}/dayshift/${environment}.tfstate*`,
    },
    { Sid: 'Secrets', Effect: 'Allow', Action: 'secretsmanager:*', Resource: here('secretsmanager', `secret:${own}`) },
    {
      Sid: 'SecretsOfRds',
      Effect: 'Allow',
      // RDS makes the administrator's secret with the rights of who makes the instance; to read it is not among them.
      Action: ['secretsmanager:CreateSecret', 'secretsmanager:DescribeSecret', 'secretsmanager:TagResource'],
      Resource: here('secretsmanager', 'secret:rds!db-*'),
    },
    { Sid: 'Passwords', Effect: 'Allow', Action: 'secretsmanager:GetRandomPassword', Resource: '*' },
    { Sid: 'Parameters', Effect: 'Allow', Action: 'ssm:*', Resource: here('ssm', 'parameter/dayshift/*') },
    {
      Sid: 'ImageOfNat',
      Effect: 'Allow',
      Action: 'ssm:GetParameter*',
      Resource: `arn:${partition(stack)}:ssm:${region}::parameter/aws/service/ami-amazon-linux-latest/*`,
    },
    { Sid: 'LostMessages', Effect: 'Allow', Action: 'sqs:*', Resource: here('sqs', own) },
    { Sid: 'ParametersList', Effect: 'Allow', Action: 'ssm:DescribeParameters', Resource: '*' },
    { Sid: 'Images', Effect: 'Allow', Action: 'ecr:*', Resource: here('ecr', 'repository/dayshift/*') },
    { Sid: 'ImagesSignIn', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    ...roleStatements(stack, everywhere('iam', `role/${own}`)),
    othersStay(environment),
  ]
}

/** What bears the tag of another environment stays as it is; a lodger's rules at its host's doors bear its own. */
const othersStay = (environment: string): Statement => ({
  Sid: 'OthersStay',
  Effect: 'Deny',
  Action: [
    'backup:Delete*',
    'cloudfront:Delete*',
    'cloudfront:Update*',
    'ec2:Delete*',
    'ec2:TerminateInstances',
    'ecs:*',
    'elasticache:Delete*',
    'elasticache:ModifyReplicationGroup',
    'elasticloadbalancing:Delete*',
    'elasticloadbalancing:ModifyLoadBalancerAttributes',
    'kms:PutKeyPolicy',
    'kms:ScheduleKeyDeletion',
    'logs:Delete*',
    'rds:*',
    'scheduler:*',
    'sns:*',
  ],
  Resource: '*',
  Condition: {
    Null: { 'aws:ResourceTag/Environment': 'false' },
    StringNotEquals: { 'aws:ResourceTag/Environment': environment },
  },
})

/** Roles of the environment, by its name and never without the boundary: a deployment cannot make a role that can more. */
const roleStatements = (stack: TerraformStack, roles: string): Statement[] => [
  {
    Sid: 'RolesWithBoundary',
    Effect: 'Allow',
    Action: [
      'iam:AttachRolePolicy',
      'iam:CreateRole',
      'iam:DeleteRolePolicy',
      'iam:DetachRolePolicy',
      'iam:PutRolePermissionsBoundary',
      'iam:PutRolePolicy',
    ],
    Resource: roles,
    Condition: { StringEquals: { 'iam:PermissionsBoundary': boundaryArn(stack) } },
  },
  {
    Sid: 'Roles',
    Effect: 'Allow',
    Action: [
      'iam:DeleteRole',
      'iam:GetRole*',
      'iam:ListAttachedRolePolicies',
      'iam:ListInstanceProfilesForRole',
      'iam:ListRole*',
      'iam:TagRole',
      'iam:UntagRole',
      'iam:UpdateAssumeRolePolicy',
      'iam:UpdateRole*',
    ],
    Resource: roles,
  },
  {
    Sid: 'HandOverRoles',
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: roles,
    Condition: {
      StringEquals: {
        'iam:PassedToService': ['backup.amazonaws.com', 'ecs-tasks.amazonaws.com', 'scheduler.amazonaws.com'],
      },
    },
  },
  {
    Sid: 'RolesOfServices',
    Effect: 'Allow',
    Action: 'iam:CreateServiceLinkedRole',
    Resource: arnOf(stack)('iam', 'role/aws-service-role/*'),
  },
]

/** Users, keys, other accounts, and what the bootstrap made are out of a deployment's reach. */
export const deployBoundary = (stack: TerraformStack): Statement[] => {
  const iam = (resource: string): string => arnOf(stack)('iam', resource)
  const state = `arn:${partition(stack)}:s3:::dayshift-state-${accountId(stack)}`
  return [
    { Sid: 'AllElseAsTheRoleSays', Effect: 'Allow', Action: '*', Resource: '*' },
    {
      Sid: 'NoPeople',
      Effect: 'Deny',
      Action: [
        'account:*',
        'iam:*AccessKey*',
        'iam:*Group*',
        'iam:*LoginProfile*',
        'iam:*MFADevice*',
        'iam:*OpenIDConnect*',
        'iam:*SAML*',
        'iam:*User*',
        'iam:DeleteRolePermissionsBoundary',
        'organizations:*',
        'sts:AssumeRole',
      ],
      Resource: '*',
    },
    {
      Sid: 'NotItself',
      Effect: 'Deny',
      NotAction: ['iam:Get*', 'iam:List*'],
      Resource: [iam('role/deploy-dayshift-*'), iam(`role/${pipelineRole}`), iam('policy/*')],
    },
    {
      Sid: 'NotTheStateBucket',
      Effect: 'Deny',
      Action: ['s3:DeleteBucket*', 's3:DeleteObjectVersion', 's3:PutBucket*', 's3:PutLifecycleConfiguration'],
      Resource: [state, `${state}/*`],
    },
  ]
}

/** A role of tasks, clock or backup works on data; it neither makes roles nor changes the network. */
export const taskBoundary = (stack: TerraformStack): Statement[] => [
  {
    Sid: 'Work',
    Effect: 'Allow',
    Action: [
      ...prefixed(['backup', 'backup-storage', 'bedrock', 'cloudwatch', 'ecr', 'kms', 'logs', 'rds', 'sns']),
      'ec2:Describe*',
      'ecs:Describe*',
      'ecs:List*',
      'ecs:UpdateService',
      'elasticache:Connect',
      'events:*',
      'sqs:SendMessage',
      'tag:GetResources',
    ],
    Resource: '*',
  },
  {
    Sid: 'OwnBuckets',
    Effect: 'Allow',
    Action: 's3:*',
    Resource: `arn:${partition(stack)}:s3:::dayshift-*-${accountId(stack)}*`,
  },
  {
    Sid: 'OwnSecrets',
    Effect: 'Allow',
    Action: 'secretsmanager:GetSecretValue',
    Resource: [
      arnOf(stack, '*')('secretsmanager', 'secret:dayshift-*'),
      arnOf(stack, '*')('secretsmanager', 'secret:rds!db-*'),
    ],
  },
  {
    Sid: 'NotTheStates',
    Effect: 'Deny',
    Action: 's3:*',
    Resource: [
      `arn:${partition(stack)}:s3:::dayshift-state-${accountId(stack)}`,
      `arn:${partition(stack)}:s3:::dayshift-state-${accountId(stack)}/*`,
    ],
  },
]
