import { type TerraformStack, VpcEndpoint } from './aws.ts'
import type { Plan } from './environment.ts'
import { accountId, partition } from './identity.ts'
import { policyDocument, type Statement } from './policy.ts'

interface Around {
  vpcId: string
  /** Of the subnets in which tasks run: their way to S3 is by the gateway. */
  routeTableIds: string[]
  /** For interface endpoints, a subnet in each zone. */
  subnetIds: string[]
  groupId: string
}

/**
 * Doors to AWS inside the network. The gateway to S3 costs nothing and is always there. Each interface endpoint costs 7.30 dollars
 * a month in each zone; in one zone it also serves the other, and is lost with its own.
 */
export function createEndpoints(stack: TerraformStack, plan: Plan, around: Around): void {
  const { vpcId, routeTableIds, subnetIds, groupId } = around
  const service = (name: string): string => `com.amazonaws.${plan.region}.${name}`
  new VpcEndpoint(stack, 'endpoint-s3', {
    vpcId,
    serviceName: service('s3'),
    vpcEndpointType: 'Gateway',
    routeTableIds,
    policy: policyDocument(objectStatements(stack, plan)),
    tags: { Name: `dayshift-${plan.name}-s3` },
  })
  for (const { name, zones, actions } of interfaces(plan)) {
    if (zones === 'none') continue
    new VpcEndpoint(stack, `endpoint-${name.replaceAll('.', '-')}`, {
      vpcId,
      serviceName: service(name),
      vpcEndpointType: 'Interface',
      subnetIds: zones === 'one-az' ? subnetIds.slice(0, 1) : subnetIds,
      securityGroupIds: [groupId],
      // The SDK's usual host names lead to the endpoint; tasks need no other setting.
      privateDnsEnabled: true,
      policy: policyDocument([ownRoles(stack, actions)]),
      tags: { Name: `dayshift-${plan.name}-${name}` },
    })
  }
}

/** What tasks do at each service, and the services that ECS itself uses to start them. */
const interfaces = ({ buys: { endpoints } }: Plan) => [
  {
    name: 'bedrock-runtime',
    zones: endpoints.bedrock,
    actions: [
      'bedrock:ApplyGuardrail',
      'bedrock:CountTokens',
      'bedrock:InvokeModel',
      'bedrock:InvokeModelWithResponseStream',
    ],
  },
  { name: 'secretsmanager', zones: endpoints.secrets, actions: ['secretsmanager:GetSecretValue'] },
  { name: 'ecr.api', zones: endpoints.ecr, actions: ['ecr:BatchGetImage', 'ecr:GetAuthorizationToken'] },
  { name: 'ecr.dkr', zones: endpoints.ecr, actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'] },
  { name: 'logs', zones: endpoints.logs, actions: ['logs:CreateLogStream', 'logs:PutLogEvents'] },
]

/** Roles of this account do these things through the endpoint, credentials of any other account nothing. */
const ownRoles = (stack: TerraformStack, actions: string[]): Statement => ({
  Sid: 'OwnRoles',
  Effect: 'Allow',
  Principal: '*',
  Action: actions,
  Resource: '*',
  Condition: { StringEquals: { 'aws:PrincipalAccount': accountId(stack) } },
})

/** Buckets of all environments of the account, since lodgers come this way too. */
const objectStatements = (stack: TerraformStack, plan: Plan): Statement[] => {
  const account = accountId(stack)
  const bucket = (name: string): string => `arn:${partition(stack)}:s3:::${name}`
  return [
    {
      Sid: 'OwnBuckets',
      Effect: 'Allow',
      Principal: '*',
      Action: ['s3:DeleteObject*', 's3:GetObject*', 's3:ListBucket*', 's3:PutObject*', 's3:AbortMultipartUpload'],
      Resource: [bucket(`dayshift-*-${account}`), bucket(`dayshift-*-${account}/*`)],
      Condition: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
    },
    {
      Sid: 'ImageLayers',
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: bucket(`prod-${plan.region}-starport-layer-bucket/*`),
    },
    // Feeds and articles that are themselves files in a bucket of this region come this way; to read them takes no credentials.
    {
      Sid: 'PublicFiles',
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalType': 'Anonymous' } },
    },
  ]
}
