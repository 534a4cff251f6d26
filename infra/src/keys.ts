import { KmsAlias, KmsKey, type TerraformStack } from './aws.ts'
import type { Plan } from './environment.ts'
import { accountId, partition } from './identity.ts'
import { policyDocument, type Statement } from './policy.ts'

/**
 * The environment's own key, where it has one: for all its data, a dollar a month. Database, cache, secrets and
 * objects use it in the name of the role that asks, whom its own policy must allow; services that act in their own name are here.
 */
export function createKey(stack: TerraformStack, plan: Plan): string | undefined {
  if (!plan.ownKey) return undefined
  const key = new KmsKey(stack, 'key', {
    description: `Dayshift, all data of ${plan.name}`,
    enableKeyRotation: true,
    deletionWindowInDays: plan.production ? 30 : 7,
    policy: policyDocument([...accountStatements(stack), ...serviceStatements(stack, plan)]),
    tags: { Name: `dayshift-${plan.name}` },
  })
  new KmsAlias(stack, 'key-alias', { name: `alias/dayshift-${plan.name}`, targetKeyId: key.keyId })
  return key.arn
}

/** Without it nobody, not even the account's owner, could change or delete the key again. */
const accountStatements = (stack: TerraformStack): Statement[] => [
  {
    Sid: 'AccountDecidesByRoles',
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition(stack)}:iam::${accountId(stack)}:root` },
    Action: 'kms:*',
    Resource: '*',
  },
]

const serviceStatements = (stack: TerraformStack, plan: Plan): Statement[] => {
  const account = accountId(stack)
  return [
    {
      Sid: 'LogGroups',
      Effect: 'Allow',
      Principal: { Service: `logs.${plan.region}.amazonaws.com` },
      Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      Resource: '*',
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition(stack)}:logs:${plan.region}:${account}:log-group:*`,
        },
      },
    },
    {
      Sid: 'MessagesToEncryptedTopics',
      Effect: 'Allow',
      Principal: {
        Service: [
          'budgets.amazonaws.com',
          'cloudwatch.amazonaws.com',
          'costalerts.amazonaws.com',
          'events.rds.amazonaws.com',
        ],
      },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
    {
      // EventBridge does not say for which account it comes; with a condition on that its notices are dropped without a word.
      Sid: 'NoticesToEncryptedTopics',
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:sns:topicArn': `arn:${partition(stack)}:sns:${plan.region}:${account}:dayshift-${plan.name}-*`,
        },
      },
    },
  ]
}
