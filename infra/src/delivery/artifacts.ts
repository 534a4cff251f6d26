import { S3Bucket, S3BucketLifecycleConfiguration, S3BucketPolicy } from '../aws.ts'
import { S3BucketServerSideEncryptionConfigurationA, type TerraformStack } from '../aws.ts'
import { closeBucket } from '../closed-bucket.ts'
import { accountId, partition } from '../identity.ts'
import { policyDocument, tlsOnly } from '../policy.ts'

export interface Artifacts {
  name: string
  arn: string
}

/** What one action of the pipeline hands to the next: nothing that is needed a month later. */
export function createArtifacts(stack: TerraformStack): Artifacts {
  const name = `dayshift-delivery-${accountId(stack)}`
  const bucket = new S3Bucket(stack, 'artifacts', { bucket: name, forceDestroy: true, tags: { Name: name } })
  const closed = closeBucket(stack, 'artifacts', bucket.id)
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
    policy: policyDocument([tlsOnly(arn)]),
    dependsOn: [closed],
  })
  return { name: policy.bucket, arn }
}
