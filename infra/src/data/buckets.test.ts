import { describe, expect, test } from 'vitest'
import { foundation } from '../testing/foundation.ts'
import type { Synthesized } from '../testing/synthesize.ts'

const production = foundation('production', 'economy')
const staging = foundation('staging', 'economy')
const account = '${data.aws_caller_identity.account.account_id}'
const kinds = ['objects', 'backups', 'logs', 'models', 'assets']

describe.each(kinds)('the bucket %s', (kind) => {
  test('has a name that is free in all the world, and belongs to who deploys', () => {
    expect(production.get('aws_s3_bucket', `bucket-${kind}`).bucket).toBe(`dayshift-production-${kind}-${account}`)
  })

  test('is closed to the public in all four ways', () => {
    expect(production.get('aws_s3_bucket_public_access_block', `bucket-${kind}-closed`)).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    })
    expect(production.get('aws_s3_bucket_ownership_controls', `bucket-${kind}-ownership`)).toMatchObject({
      rule: { object_ownership: 'BucketOwnerEnforced' },
    })
  })

  test('is encrypted', () => {
    const name = `bucket-${kind}-encryption`
    expect(production.get('aws_s3_bucket_server_side_encryption_configuration', name)).toMatchObject({
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }],
    })
  })

  test('forgets uploads that nobody finished', () => {
    expect(rules(production, kind)).toContainEqual(
      expect.objectContaining({
        status: 'Enabled',
        abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
      }),
    )
  })

  test('goes with its environment, but not in production', () => {
    expect(production.get('aws_s3_bucket', `bucket-${kind}`).force_destroy).toBe(false)
    expect(staging.get('aws_s3_bucket', `bucket-${kind}`).force_destroy).toBe(true)
  })
})

const rules = (json: Synthesized, kind: string) =>
  json.get('aws_s3_bucket_lifecycle_configuration', `bucket-${kind}-lifecycle`).rule as Record<string, unknown>[]

test.each(kinds.filter((kind) => kind !== 'assets'))('the bucket %s answers by TLS only', (kind) => {
  const arn = `arn:\${data.aws_partition.partition.partition}:s3:::\${aws_s3_bucket.bucket-${kind}.bucket}`
  expect(production.statements('aws_s3_bucket_policy', `bucket-${kind}-policy`)[0]).toEqual({
    Sid: 'OnlyByTls',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  })
})

test('the page that stands when nothing runs is read by CloudFront, whose policy is made with it', () => {
  expect(Object.keys(production.all('aws_s3_bucket_policy'))).not.toContain('bucket-assets-policy')
})

describe('what becomes of objects', () => {
  const ends = (json: Synthesized, kind: string) =>
    rules(json, kind).flatMap(({ expiration }) => (expiration as { days?: number }[] | undefined) ?? [])

  test('backups grow colder and end after a year, their old versions after 30 days', () => {
    expect(production.get('aws_s3_bucket_versioning', 'bucket-backups-versions')).toMatchObject({
      versioning_configuration: { status: 'Enabled' },
    })
    expect(rules(production, 'backups')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          transition: [
            { days: 30, storage_class: 'STANDARD_IA' },
            { days: 90, storage_class: 'GLACIER_IR' },
          ],
        }),
        expect.objectContaining({ noncurrent_version_expiration: [{ noncurrent_days: 30 }] }),
      ]),
    )
    expect(ends(production, 'backups')).toEqual([{ days: 365 }])
  })

  test('objects and models of production stay, and what was deleted can be had back for 30 days', () => {
    expect(ends(production, 'models')).toEqual([])
    expect(ends(production, 'objects')).toEqual([{ expired_object_delete_marker: true }])
    expect(rules(production, 'objects')).toContainEqual(
      expect.objectContaining({ noncurrent_version_expiration: [{ noncurrent_days: 30 }] }),
    )
  })

  test('data of staging ends after 7 days', () => {
    for (const kind of ['objects', 'backups', 'logs', 'models']) expect(ends(staging, kind)).toEqual([{ days: 7 }])
  })

  test('logs end with the logs of the tasks', () => {
    expect(ends(production, 'logs')).toEqual([{ days: 30 }])
  })

  test('the closed page never goes', () => {
    for (const json of [production, staging]) expect(ends(json, 'assets')).toEqual([])
  })
})

describe('the logs bucket', () => {
  const [, ...services] = production.statements('aws_s3_bucket_policy', 'bucket-logs-policy')
  const folder = `arn:\${data.aws_partition.partition.partition}:s3:::\${aws_s3_bucket.bucket-logs.bucket}/AWSLogs/${account}`

  test.each([
    ['logdelivery.elasticloadbalancing.amazonaws.com', [`${folder}/elasticloadbalancing/*`]],
    ['delivery.logs.amazonaws.com', [`${folder}/vpcflowlogs/*`, `${folder}/CloudFront/*`]],
    ['bedrock.amazonaws.com', [`${folder}/BedrockModelInvocationLogs/*`]],
  ])('is written by %s in its own folder, for this account', (service, folders) => {
    const writes = services.filter(
      ({ Principal, Action }) => Action === 's3:PutObject' && JSON.stringify(Principal).includes(`"${service}"`),
    )
    expect(writes.flatMap(({ Resource }) => Resource)).toEqual(folders)
    expect(JSON.stringify(writes[0]!.Condition)).toContain(account)
  })

  test("has S3's own key also where the rest has another, since load balancer and CloudFront cannot use it", () => {
    const ha = foundation('production', 'ha', { ownKey: true })
    for (const kind of ['logs', 'assets'])
      expect(ha.get('aws_s3_bucket_server_side_encryption_configuration', `bucket-${kind}-encryption`)).toMatchObject({
        rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }],
      })
  })

  test('lets CloudFront in from us-east-1 wherever it stands', () => {
    const abroad = foundation('production', 'economy', { region: 'eu-central-1' })
    const delivery = abroad
      .statements('aws_s3_bucket_policy', 'bucket-logs-policy')
      .find(({ Sid }) => Sid === 'NetworkAndCloudFront')
    expect(delivery?.Condition?.ArnLike?.['aws:SourceArn']).toEqual([
      `arn:\${data.aws_partition.partition.partition}:logs:eu-central-1:${account}:*`,
      `arn:\${data.aws_partition.partition.partition}:logs:us-east-1:${account}:*`,
    ])
  })
})

describe("Bedrock's log of calls", () => {
  test('is kept by one environment of the account, without what was asked and answered', () => {
    expect(production.get('aws_bedrock_model_invocation_logging_configuration', 'invocation-log')).toEqual({
      logging_config: [
        {
          // No prefix: the reconciliation looks for AWSLogs/ at the root.
          s3_config: [{ bucket_name: '${aws_s3_bucket_policy.bucket-logs-policy.bucket}' }],
          text_data_delivery_enabled: false,
          image_data_delivery_enabled: false,
          embedding_data_delivery_enabled: false,
          video_data_delivery_enabled: false,
        },
      ],
    })
    expect(staging.all('aws_bedrock_model_invocation_logging_configuration')).toEqual({})
  })
})
