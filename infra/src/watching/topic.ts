import { SnsTopic, SnsTopicPolicy, SnsTopicSubscription, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import { accountId, partition } from '../identity.ts'
import { policyDocument, type Statement } from '../policy.ts'

/**
 * Where everything goes that somebody should know: a topic that writes mails. It is encrypted where the environment has a key of its
 * own. The key that AWS keeps for SNS lets no service publish, and a message is names and numbers, not worth a dollar a month.
 * Gives its ARN, for those who wait until its policy lets them in.
 */
export function createTopic(stack: TerraformStack, plan: Plan, keyArn: string | undefined): string {
  const name = `dayshift-${plan.name}-alarms`
  const topic = new SnsTopic(stack, 'alarms', {
    name,
    displayName: `Dayshift ${plan.name}`,
    ...(keyArn !== undefined && { kmsMasterKeyId: keyArn }),
    tags: { Name: name },
  })
  new SnsTopicSubscription(stack, 'alarms-mail', {
    topicArn: topic.arn,
    protocol: 'email',
    endpoint: plan.alarmEmail,
  })
  return new SnsTopicPolicy(stack, 'alarms-policy', {
    arn: topic.arn,
    policy: policyDocument(publishers(stack, plan, topic.arn)),
  }).arn
}

function publishers(stack: TerraformStack, plan: Plan, topicArn: string): Statement[] {
  const publish = { Effect: 'Allow', Action: 'sns:Publish', Resource: topicArn } as const
  const ofThisAccount = { 'aws:SourceAccount': accountId(stack) }
  return [
    {
      Sid: 'Alarms',
      ...publish,
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: {
        StringEquals: ofThisAccount,
        ArnLike: { 'aws:SourceArn': alarmArn(stack, plan, `dayshift-${plan.name}-*`) },
      },
    },
    {
      Sid: 'Money',
      ...publish,
      Principal: { Service: ['budgets.amazonaws.com', 'costalerts.amazonaws.com'] },
      Condition: { StringEquals: ofThisAccount },
    },
    // No condition: EventBridge fulfils none in the policy of a topic, and drops the message without an error.
    { Sid: 'Notices', ...publish, Principal: { Service: 'events.amazonaws.com' } },
  ]
}

export const alarmArn = (stack: TerraformStack, { region }: Plan, alarmName: string): string =>
  `arn:${partition(stack)}:cloudwatch:${region}:${accountId(stack)}:alarm:${alarmName}`
