import { S3Bucket, S3BucketLifecycleConfiguration, S3BucketPolicy } from '../aws.ts'
import { S3BucketServerSideEncryptionConfigurationA } from '../aws.ts'
import { S3BucketVersioningA, type TerraformStack } from '../aws.ts'
import { closeBucket } from '../closed-bucket.ts'
import type { Plan } from '../environment.ts'
import { accountId, partition } from '../identity.ts'
import type { Bucket, Data } from '../parts.ts'
import { policyDocument, type Statement, tlsOnly } from '../policy.ts'
import { lifecycleOf } from './lifecycle.ts'

export type Kind = keyof Data['buckets']

/**
 * objects: uploads and outputs. backups: dumps of the database. logs: what AWS writes about load balancer, network, CloudFront and
 * model calls. models: files of models. assets: the page that stands when nothing runs; its policy is the edge's, who alone reads it.
 */
export function createBuckets(stack: TerraformStack, plan: Plan, keyArn: string | undefined): Data['buckets'] {
  const make = (kind: Kind) => createBucket(stack, plan, { kind, keyArn })
  return {
    objects: make('objects'),
    backups: make('backups'),
    logs: make('logs'),
    models: make('models'),
    assets: make('assets'),
  }
}

function createBucket(
  stack: TerraformStack,
  plan: Plan,
  { kind, keyArn }: { kind: Kind; keyArn: string | undefined },
): Bucket {
  const id = `bucket-${kind}`
  // A bucket's name is taken in all the world.
  const name = `dayshift-${plan.name}-${kind}-${accountId(stack)}`
  const bucket = new S3Bucket(stack, id, { bucket: name, forceDestroy: !plan.production, tags: { Name: name } })
  const arn = `arn:${partition(stack)}:s3:::${bucket.bucket}`
  const closed = closeBucket(stack, id, bucket.id)
  encrypt(stack, bucket, { id, keyArn: writtenByServices.has(kind) ? undefined : keyArn })
  const versioned = kind === 'backups' || (kind === 'objects' && plan.production)
  const versioning = versioned
    ? new S3BucketVersioningA(stack, `${id}-versions`, {
        bucket: bucket.id,
        versioningConfiguration: { status: 'Enabled' },
      })
    : undefined
  new S3BucketLifecycleConfiguration(stack, `${id}-lifecycle`, {
    bucket: bucket.id,
    rule: lifecycleOf(plan, kind, versioned),
    ...(versioning && { dependsOn: [versioning] }),
  })
  const { bucketRegionalDomainName: regionalDomainName } = bucket
  if (kind === 'assets') return { name: bucket.bucket, arn, regionalDomainName }
  const policy = new S3BucketPolicy(stack, `${id}-policy`, {
    bucket: bucket.id,
    policy: policyDocument([tlsOnly(arn), ...(kind === 'logs' ? logStatements(stack, plan, arn) : [])]),
    // AWS changes one of the two at a time.
    dependsOn: [closed],
  })
  // By the policy's hand, so that whoever writes there waits until it may.
  return { name: policy.bucket, arn: `arn:${partition(stack)}:s3:::${policy.bucket}`, regionalDomainName }
}

/** Load balancer and CloudFront write and read only with S3's own key. */
const writtenByServices = new Set<Kind>(['logs', 'assets'])

function encrypt(
  stack: TerraformStack,
  bucket: S3Bucket,
  { id, keyArn }: { id: string; keyArn: string | undefined },
): void {
  const byDefault =
    keyArn === undefined ? { sseAlgorithm: 'AES256' } : { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn }
  new S3BucketServerSideEncryptionConfigurationA(stack, `${id}-encryption`, {
    bucket: bucket.id,
    // A key for the bucket saves a call of KMS for each object.
    rule: [{ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled: keyArn !== undefined }],
  })
}

/**
 * Each service writes in the folder of this account that AWS gives it, for resources of this account alone. As the services' guides
 * have it: ALB access logs, VPC flow logs to S3, CloudFront standard logging v2, Bedrock model invocation logging.
 */
const logStatements = (stack: TerraformStack, { region }: Plan, bucketArn: string): Statement[] => {
  const account = accountId(stack)
  const aws = `arn:${partition(stack)}`
  const folder = `${bucketArn}/AWSLogs/${account}`
  const ofThisAccount = { 'aws:SourceAccount': account }
  const delivery = {
    Effect: 'Allow' as const,
    Principal: { Service: 'delivery.logs.amazonaws.com' },
  }
  // CloudFront's deliveries live in us-east-1 wherever the rest is.
  const deliverers = [...new Set([region, 'us-east-1'])].map((at) => `${aws}:logs:${at}:${account}:*`)
  return [
    {
      Sid: 'LoadBalancer',
      Effect: 'Allow',
      Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `${folder}/elasticloadbalancing/*`,
      Condition: { ArnLike: { 'aws:SourceArn': `${aws}:elasticloadbalancing:${region}:${account}:loadbalancer/*` } },
    },
    {
      ...delivery,
      Sid: 'NetworkAndCloudFront',
      Action: 's3:PutObject',
      Resource: [`${folder}/vpcflowlogs/*`, `${folder}/CloudFront/*`],
      Condition: {
        StringEquals: { ...ofThisAccount, 's3:x-amz-acl': 'bucket-owner-full-control' },
        ArnLike: { 'aws:SourceArn': deliverers },
      },
    },
    {
      ...delivery,
      Sid: 'NetworkAndCloudFrontLook',
      Action: ['s3:GetBucketAcl', 's3:ListBucket'],
      Resource: bucketArn,
      Condition: { StringEquals: ofThisAccount, ArnLike: { 'aws:SourceArn': deliverers } },
    },
    {
      Sid: 'ModelCalls',
      Effect: 'Allow',
      Principal: { Service: 'bedrock.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `${folder}/BedrockModelInvocationLogs/*`,
      Condition: {
        StringEquals: ofThisAccount,
        ArnLike: { 'aws:SourceArn': `${aws}:bedrock:${region}:${account}:*` },
      },
    },
  ]
}
