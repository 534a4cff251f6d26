import type { S3BucketLifecycleConfiguration } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Kind } from './buckets.ts'

type Config = ConstructorParameters<typeof S3BucketLifecycleConfiguration>[2]
type Rule = Extract<NonNullable<Config['rule']>, unknown[]>[number]

/** Where production is tried out, nothing is worth keeping longer. */
const STAGING_DAYS = 7

/** What becomes of the objects of a bucket by and by. S3 keeps infrequent access and Glacier for 30 and 90 days at least. */
export function lifecycleOf(plan: Plan, kind: Kind, versioned: boolean): Rule[] {
  const all = { status: 'Enabled', filter: [{ prefix: '' }] }
  const rules: Rule[] = [
    { ...all, id: 'unfinished-uploads', abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }] },
  ]
  const days = daysOf(plan, kind)
  if (days !== undefined) rules.push({ ...all, id: 'end', expiration: [{ days }] })
  if (kind === 'backups' && plan.production)
    rules.push({
      ...all,
      id: 'colder',
      transition: [
        { days: 30, storageClass: 'STANDARD_IA' },
        { days: 90, storageClass: 'GLACIER_IR' },
      ],
    })
  if (versioned)
    rules.push({
      ...all,
      id: 'old-versions',
      noncurrentVersionExpiration: [{ noncurrentDays: plan.production ? 30 : 1 }],
      // With an end in days S3 clears the marks of deletion itself.
      ...(days === undefined && { expiration: [{ expiredObjectDeleteMarker: true }] }),
    })
  return rules
}

/** Without a number an object stays until the application deletes it. The closed page is Terraform's and must not go. */
function daysOf(plan: Plan, kind: Kind): number | undefined {
  if (kind === 'assets') return undefined
  if (kind === 'logs') return plan.logDays
  if (!plan.production) return STAGING_DAYS
  return kind === 'backups' ? 365 : undefined
}
