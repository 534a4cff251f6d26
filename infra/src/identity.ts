import { DataAwsCallerIdentity, DataAwsPartition, type TerraformStack } from './aws.ts'

/** The account of the credentials, which only Terraform knows. */
export function accountId(stack: TerraformStack): string {
  const found = stack.node.tryFindChild('account')
  return (found instanceof DataAwsCallerIdentity ? found : new DataAwsCallerIdentity(stack, 'account')).accountId
}

/** First part of an ARN: `aws`, or the name of another partition. */
export function partition(stack: TerraformStack): string {
  const found = stack.node.tryFindChild('partition')
  return (found instanceof DataAwsPartition ? found : new DataAwsPartition(stack, 'partition')).partition
}

/** The most that a role which a deployment makes can ever do; the bootstrap stack makes it. */
export const boundaryName = 'dayshift-boundary'
export const boundaryArn = (stack: TerraformStack): string =>
  `arn:${partition(stack)}:iam::${accountId(stack)}:policy/${boundaryName}`

/** The tags of all that an environment has. */
export const environmentTags = (environment: string): Record<string, string> => ({
  Project: 'dayshift',
  Environment: environment,
  ManagedBy: 'cdktf',
})
