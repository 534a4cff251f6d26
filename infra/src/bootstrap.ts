import { EcrLifecyclePolicy, EcrRepository, IamOpenidConnectProvider, IamPolicy, S3Bucket } from './aws.ts'
import { S3BucketLifecycleConfiguration, S3BucketPolicy } from './aws.ts'
import { S3BucketServerSideEncryptionConfigurationA } from './aws.ts'
import { S3BucketVersioningA, type TerraformStack } from './aws.ts'
import { closeBucket } from './closed-bucket.ts'
import { createDeployRole, deployBoundary, taskBoundary } from './deploy-role.ts'
import type { Bootstrap } from './environment.ts'
import { accountId, boundaryName, partition } from './identity.ts'
import { policyDocument, tlsOnly } from './policy.ts'

/**
 * State bucket, image repositories, and the roles by which GitHub deploys without a lasting key. Its own state is a local file: it
 * is applied once by an administrator, and all of it can be imported again by name.
 */
export function createBootstrap(stack: TerraformStack, bootstrap: Bootstrap): void {
  createStateBucket(stack)
  for (const name of ['web', 'worker']) createRepository(stack, name)
  const github = new IamOpenidConnectProvider(stack, 'github', {
    url: 'https://token.actions.githubusercontent.com',
    clientIdList: ['sts.amazonaws.com'],
    tags: { Name: 'github' },
  })
  new IamPolicy(stack, 'boundary', {
    name: boundaryName,
    description: 'The most that a role which a deployment makes can ever do',
    policy: policyDocument(taskBoundary(stack)),
  })
  const boundary = new IamPolicy(stack, 'deploy-boundary', {
    name: 'deploy-dayshift-boundary',
    description: 'What a deployment can never do, whatever its role says',
    policy: policyDocument(deployBoundary(stack)),
  })
  for (const environment of bootstrap.environments)
    createDeployRole(stack, {
      ...bootstrap,
      environment,
      providerArn: github.arn,
      boundaryArn: boundary.arn,
    })
}

/** Terraform's states, each version of them for 90 days. Who locks one puts a file beside it. */
function createStateBucket(stack: TerraformStack): void {
  const name = `dayshift-state-${accountId(stack)}`
  const bucket = new S3Bucket(stack, 'state', {
    bucket: name,
    tags: { Name: name },
    lifecycle: { preventDestroy: true },
  }).id
  const closed = closeBucket(stack, 'state', bucket)
  new S3BucketServerSideEncryptionConfigurationA(stack, 'state-encryption', {
    bucket,
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  })
  const versions = new S3BucketVersioningA(stack, 'state-versions', {
    bucket,
    versioningConfiguration: { status: 'Enabled' },
  })
  new S3BucketLifecycleConfiguration(stack, 'state-lifecycle', {
    bucket,
    rule: [
      {
        id: 'old-versions',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        noncurrentVersionExpiration: [{ noncurrentDays: 90 }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
      },
    ],
    dependsOn: [versions],
  })
  const arn = `arn:${partition(stack)}:s3:::${name}`
  new S3BucketPolicy(stack, 'state-policy', {
    bucket,
    policy: policyDocument([tlsOnly(arn)]),
    dependsOn: [closed],
  })
}

/** Images of one process, for all environments: what staging tried is the very image that production gets. */
function createRepository(stack: TerraformStack, process: string): void {
  const repository = new EcrRepository(stack, `images-${process}`, {
    name: `dayshift/${process}`,
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: [{ encryptionType: 'AES256' }],
    tags: { Name: `dayshift/${process}` },
  })
  new EcrLifecyclePolicy(stack, `images-${process}-lifecycle`, {
    repository: repository.name,
    policy: JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: 'Twenty releases to go back to',
          selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 20 },
          action: { type: 'expire' },
        },
      ],
    }),
  })
}
