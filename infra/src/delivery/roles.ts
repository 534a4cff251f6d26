import { IamRole, IamRolePolicy, type TerraformStack } from '../aws.ts'
import { accountId, partition } from '../identity.ts'
import { policyDocument, type Statement } from '../policy.ts'
import type { Artifacts } from './artifacts.ts'
import type { Delivery } from './settings.ts'

/** A role of one service in the name of this account. An administrator makes it: the boundary of deployments is not for it. */
export function createRole(stack: TerraformStack, name: string, service: string, statements: Statement[]): string {
  const full = `dayshift-delivery-${name}`
  const role = new IamRole(stack, `${name}-role`, {
    name: full,
    assumeRolePolicy: policyDocument([
      {
        Sid: 'Service',
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': accountId(stack) } },
      },
    ]),
    tags: { Name: full },
  })
  const policy = new IamRolePolicy(stack, `${name}-role-policy`, {
    name: 'delivery',
    role: role.name,
    policy: policyDocument(statements),
  })
  // By the policy's hand: CodeBuild looks at once whether its role may.
  return `arn:${partition(stack)}:iam::${accountId(stack)}:role/${policy.role}`
}

/** ARN in this account and region. */
export const arnOf = (stack: TerraformStack, { region }: Delivery, service: string, resource: string): string =>
  `arn:${partition(stack)}:${service}:${region}:${accountId(stack)}:${resource}`

export const readArtifacts = ({ arn }: Artifacts): Statement => ({
  Sid: 'ReadArtifacts',
  Effect: 'Allow',
  Action: ['s3:GetObject', 's3:GetObjectVersion'],
  Resource: `${arn}/*`,
})

export const writeArtifacts = ({ arn }: Artifacts): Statement => ({
  Sid: 'WriteArtifacts',
  Effect: 'Allow',
  Action: 's3:PutObject',
  Resource: `${arn}/*`,
})

/** A clone needs the connection in its own right: the pipeline hands over a reference, not the files. */
export const useConnection = (connectionArn: string, { repository }: Delivery): Statement => ({
  Sid: 'Repository',
  Effect: 'Allow',
  Action: 'codeconnections:UseConnection',
  Resource: connectionArn,
  Condition: { StringEquals: { 'codeconnections:FullRepositoryId': repository } },
})

export const writeLog = (logGroupArn: string): Statement => ({
  Sid: 'Log',
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: `${logGroupArn}:*`,
})
