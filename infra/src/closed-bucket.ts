import { S3BucketOwnershipControls, S3BucketPublicAccessBlock, type TerraformStack } from './aws.ts'

/** Lets nobody make a bucket or an object in it public, and gives all that is in it to its owner. A policy must come after it. */
export function closeBucket(stack: TerraformStack, id: string, bucket: string): S3BucketPublicAccessBlock {
  new S3BucketOwnershipControls(stack, `${id}-ownership`, { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } })
  return new S3BucketPublicAccessBlock(stack, `${id}-closed`, {
    bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  })
}
