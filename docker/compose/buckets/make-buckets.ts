import {
  CreateBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'

interface Buckets {
  objects: string
  /** Keeps the versions of its objects: what a mistake overwrites can be had back for `KEEP_VERSIONS_DAYS`. */
  backups: string
  others: string[]
}

const KEEP_VERSIONS_DAYS = 30
const DROP_UPLOADS_AFTER_DAYS = 7

/** Makes the buckets that are missing and sets what they keep. To be repeated as often as one likes. */
export async function makeBuckets(client: S3Client, { objects, backups, others }: Buckets): Promise<void> {
  for (const bucket of [objects, backups, ...others]) {
    await client.send(new CreateBucketCommand({ Bucket: bucket })).catch(unlessOurs)
    await client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: bucket,
        LifecycleConfiguration: { Rules: rulesFor(bucket === backups) },
      }),
    )
  }
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await client.send(new PutBucketVersioningCommand({ Bucket: backups, VersioningConfiguration }))
}

const rulesFor = (keepsVersions: boolean) => [
  {
    ID: 'unfinished-uploads',
    Status: 'Enabled' as const,
    Filter: { Prefix: '' },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: DROP_UPLOADS_AFTER_DAYS },
  },
  ...(keepsVersions
    ? [
        {
          ID: 'old-versions',
          Status: 'Enabled' as const,
          Filter: { Prefix: '' },
          NoncurrentVersionExpiration: { NoncurrentDays: KEEP_VERSIONS_DAYS },
        },
      ]
    : []),
]

function unlessOurs(error: unknown): void {
  const isOurs = error instanceof Error && /^Bucket(AlreadyOwnedByYou|AlreadyExists)$/.test(error.name)
  if (!isOurs) throw error
}
