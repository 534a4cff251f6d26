import { conditionValues, listOf, policiesOf, principalsOf } from './policies.ts'
import { type Rule, show, type Violation } from './rule.ts'
import { each, needed, refersTo, type Resource, type Subject, value, values } from './subject.ts'

/** What of a type belongs to a bucket. */
const companions = (subject: Subject, type: string, bucket: Resource): Resource[] =>
  subject.of(type).filter(({ attributes }) => refersTo(attributes.bucket, bucket))

/** For every bucket, a violation when nothing of the type belongs to it, or what is wrong with what does. */
const beside = (
  subject: Subject,
  type: string,
  inspect: (companion: Resource, bucket: Resource) => Violation[] = () => [],
): Violation[] =>
  subject.of('aws_s3_bucket').flatMap((bucket) => {
    const found = companions(subject, type, bucket)
    if (found.length === 0) return [{ address: bucket.address, expected: `an ${type} for it`, came: 'nothing' }]
    return found.flatMap((companion) => inspect(companion, bucket))
  })

const algorithm = 'rule.apply_server_side_encryption_by_default.sse_algorithm'

export const bucketRules: Rule[] = [
  {
    id: 'bucket-closed',
    number: 27,
    says: 'Every bucket is closed to the public in all four ways, and has no access lists.',
    sources: ['CKV_AWS_53-56', 'CKV2_AWS_6', 'AWS-0086', 'AWS-0087', 'AWS-0091', 'AWS-0093', 'AWS-0094'],
    check: (subject, plan) => [
      ...(plan ? needed(subject, 'aws_s3_bucket', 'buckets') : []),
      ...beside(subject, 'aws_s3_bucket_public_access_block', (block) =>
        ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'].flatMap((way) =>
          each([block], way, true),
        ),
      ),
      ...beside(subject, 'aws_s3_bucket_ownership_controls', (controls) =>
        each([controls], 'rule.object_ownership', 'BucketOwnerEnforced'),
      ),
    ],
  },
  {
    id: 'bucket-encrypted',
    number: 28,
    says: 'Every bucket encrypts what is written into it.',
    sources: ['CKV_AWS_19', 'AWS-0088'],
    check: (subject) =>
      beside(subject, 'aws_s3_bucket_server_side_encryption_configuration', ({ address, attributes }) => {
        const by = value(attributes, algorithm)
        return ['AES256', 'aws:kms'].includes(String(by))
          ? []
          : [{ address, expected: 'sse_algorithm = AES256 or aws:kms', came: show(by) }]
      }),
  },
  {
    id: 'bucket-own-key',
    number: 28,
    says: 'With a key of our own, every bucket uses ours.',
    sources: ['CKV_AWS_145', 'AWS-0132'],
    check: (subject, plan) =>
      plan?.ownKey ? each(subject.of('aws_s3_bucket_server_side_encryption_configuration'), algorithm, 'aws:kms') : [],
  },
  {
    id: 'bucket-versions',
    number: 29,
    says: 'Backups and states keep their versions.',
    sources: ['CKV_AWS_21', 'AWS-0090'],
    check: (subject, plan) => {
      const kept = subject
        .of('aws_s3_bucket')
        .filter(({ attributes }) => /-(backups|state)-/.test(String(attributes.bucket)))
      return [
        ...(plan && kept.length === 0
          ? [{ address: 'aws_s3_bucket', expected: 'a bucket for backups', came: 'nothing' }]
          : []),
        ...kept.flatMap((bucket) => {
          const [versions] = companions(subject, 'aws_s3_bucket_versioning', bucket)
          const status = value(versions?.attributes, 'versioning_configuration.status')
          return status === 'Enabled'
            ? []
            : [{ address: bucket.address, expected: 'versioning Enabled', came: show(status) }]
        }),
      ]
    },
  },
  {
    id: 'bucket-lifecycle',
    number: 30,
    says: 'Every bucket has a lifecycle, which clears uploads that were never finished.',
    sources: ['CKV2_AWS_61', 'CKV_AWS_300'],
    check: (subject) =>
      beside(subject, 'aws_s3_bucket_lifecycle_configuration', ({ address, attributes }) => {
        const clears = values(attributes, 'rule').some(
          (rule) =>
            value(rule, 'status') === 'Enabled' &&
            Number(value(rule, 'abort_incomplete_multipart_upload.days_after_initiation')) > 0,
        )
        return clears ? [] : [{ address, expected: 'abort_incomplete_multipart_upload', came: 'nothing' }]
      }),
  },
  {
    id: 'bucket-tls',
    number: 31,
    says: "Every bucket's policy refuses what comes without TLS.",
    sources: ['AWS Security Hub S3.5'],
    check: (subject) =>
      beside(subject, 'aws_s3_bucket_policy', ({ address }, bucket) => {
        const statements = policiesOf(subject).find(({ resource }) => resource.address === address)?.statements ?? []
        const refuses = statements.some(
          (statement) =>
            statement.Effect === 'Deny' &&
            principalsOf(statement).some(({ name }) => name === '*') &&
            listOf(statement.Action).includes('s3:*') &&
            coversAll(listOf(statement.Resource)) &&
            conditionValues(statement, 'aws:SecureTransport', /^Bool$/).includes('false'),
        )
        const expected = `Deny of s3:* on ${bucket.name} and its objects where aws:SecureTransport is false`
        return refuses ? [] : [{ address, expected, came: 'nothing' }]
      }),
  },
]

/** A bucket and its objects. */
const coversAll = (resources: string[]): boolean =>
  resources.some((resource) => resource.endsWith('/*') && resources.includes(resource.slice(0, -2)))
