import { S3Bucket, S3BucketLifecycleConfiguration, S3BucketOwnershipControls, S3BucketPolicy } from '../aws.ts'
import { S3BucketPublicAccessBlock, S3BucketServerSideEncryptionConfigurationA, type TerraformStack } from '../aws.ts'
import { accountId, partition } from '../identity.ts'
import { policyDocument } from '../policy.ts'

export interface Artifacts {
  name: string
  arn: string
}

/** What one action of the pipeline hands to the next: nothing that is needed a month later. */
export function createArtifacts(stack: TerraformStack): Artifacts {
  const name = `dayshift-delivery-${accountId(stack)}`
  const bucket = new S3Bucket(stack, 'artifacts', { bucket: name, forceDestroy: true, tags: { Name: name } })
  const closed = new S3BucketPublicAccessBlock(stack, 'artifacts-closed', {
    bucket: bucket.id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  })
  new S3BucketOwnershipControls(stack, 'artifacts-ownership', {
    bucket: bucket.id,
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  })
  new S3BucketServerSideEncryptionConfigurationA(stack, 'artifacts-encryption', {
    bucket: bucket.id,
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  })
  new S3BucketLifecycleConfiguration(stack, 'artifacts-lifecycle', {
    bucket: bucket.id,
    rule: [
      {
        id: 'all',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        expiration: [{ days: 30 }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
      },
    ],
  })
  const arn = `arn:${partition(stack)}:s3:::${bucket.bucket}`
  const policy = new S3BucketPolicy(stack, 'artifacts-policy', {
    bucket: bucket.id,
    policy: policyDocument([
      {
        Sid: 'OnlyByTls',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]),
    dependsOn: [closed],
  })
  return { name: policy.bucket, arn }
}
