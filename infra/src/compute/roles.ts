import { type DataAwsEcrRepository, IamRole, IamRolePolicy, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import { accountId, boundaryArn, partition } from '../identity.ts'
import type { Compute, Data } from '../parts.ts'
import { policyDocument, type Statement } from '../policy.ts'
import { modelStatements } from './models.ts'

interface Around {
  data: Data
  repositories: DataAwsEcrRepository[]
  logGroupArns: string[]
}

/** What each kind of task may do, and apart from it what ECS may do to start one. */
export function createRoles(stack: TerraformStack, plan: Plan, around: Around): Compute['roleArns'] {
  const { data } = around
  const shared = [
    ...modelStatements(stack, plan),
    ...objectStatements(data),
    readSecrets([data.database.passwordSecretArn]),
    {
      Sid: 'Cache',
      Effect: 'Allow',
      Action: 'elasticache:Connect',
      Resource: [data.cache.arn, data.cache.userArn],
    } satisfies Statement,
  ]
  const task = (name: string, statements: Statement[]): string =>
    createRole(stack, plan, name, [...statements, ...keyStatements(data), noIdentities])
  return {
    webTask: task('web', shared),
    workerTask: task('worker', [...shared, ...invocationLogStatements(stack, data)]),
    migrationTask: task('migration', [readSecrets([data.database.passwordSecretArn, data.database.adminSecretArn])]),
    execution: createRole(stack, plan, 'execution', executionStatements(around)),
  }
}

/** A role of ECS tasks of this account, within the boundary that the bootstrap sets. */
function createRole(stack: TerraformStack, plan: Plan, name: string, statements: Statement[]): string {
  const role = new IamRole(stack, `role-${name}`, {
    name: `dayshift-${plan.name}-${name}`,
    assumeRolePolicy: policyDocument([
      {
        Sid: 'TasksOfThisAccount',
        Effect: 'Allow',
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': accountId(stack) },
          ArnLike: { 'aws:SourceArn': `arn:${partition(stack)}:ecs:${plan.region}:${accountId(stack)}:*` },
        },
      },
    ]),
    permissionsBoundary: boundaryArn(stack),
    tags: { Name: `dayshift-${plan.name}-${name}` },
  })
  new IamRolePolicy(stack, `role-${name}-policy`, { name, role: role.name, policy: policyDocument(statements) })
  return role.arn
}

/** Whatever else a task is allowed one day, it never makes itself another identity. */
const noIdentities: Statement = { Sid: 'NoIdentities', Effect: 'Deny', Action: 'iam:*', Resource: '*' }

const objectStatements = ({ buckets: { objects } }: Data): Statement[] => [
  {
    Sid: 'Objects',
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
    Resource: `${objects.arn}/*`,
  },
  { Sid: 'ListObjects', Effect: 'Allow', Action: 's3:ListBucket', Resource: objects.arn },
]

const readSecrets = (secretArns: string[]): Statement => ({
  Sid: 'Secrets',
  Effect: 'Allow',
  Action: 'secretsmanager:GetSecretValue',
  Resource: secretArns,
})

/** The worker settles unsure calls by Bedrock's own log; it lists accounts first, then the files of this one. */
function invocationLogStatements(stack: TerraformStack, data: Data): Statement[] {
  if (data.invocationLogsBucket === undefined) return []
  const folder = `AWSLogs/${accountId(stack)}/BedrockModelInvocationLogs/*`
  const bucket = `arn:${partition(stack)}:s3:::${data.invocationLogsBucket}`
  return [
    { Sid: 'InvocationLog', Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucket}/${folder}` },
    {
      Sid: 'ListInvocationLog',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucket,
      Condition: { StringLike: { 's3:prefix': ['AWSLogs/', folder] } },
    },
  ]
}

/** Objects and secrets are encrypted with it, where the profile has it. */
const keyStatements = ({ keyArn }: Data): Statement[] =>
  keyArn === undefined
    ? []
    : [{ Sid: 'Key', Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: keyArn }]

const executionStatements = ({ repositories, logGroupArns }: Around): Statement[] => [
  // The one action of the registry that knows no resource.
  { Sid: 'RegistryToken', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
  {
    Sid: 'Images',
    Effect: 'Allow',
    Action: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
    Resource: repositories.map(({ arn }) => arn),
  },
  {
    Sid: 'Logs',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: logGroupArns.map((arn) => `${arn}:*`),
  },
]
