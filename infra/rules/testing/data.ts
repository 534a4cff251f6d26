import { type Break, sets, without } from './broken.ts'

const database = 'aws_db_instance.database'
const cache = 'aws_elasticache_replication_group.cache'
const closed = 'aws_s3_bucket_public_access_block.bucket-objects-closed'

/** Another value of a parameter in a group; nothing takes the parameter away. */
const parameter = (rule: string, group: string, name: string, value: string | undefined): Break => ({
  rule,
  what: `${name} = ${value ?? 'nothing'}`,
  mutate: ({ at }) => {
    const [type, id] = group.split('.') as [string, string]
    const all = at(type, id).parameter as { name: string; value: string }[]
    const found = all.find((each) => each.name === name)
    if (!found) throw new Error(`There is no parameter ${name}.`)
    if (value === undefined) all.splice(all.indexOf(found), 1)
    else found.value = value
  },
})

export const dataBreaks: Break[] = [
  sets('database-encrypted', database, 'storage_encrypted', false),
  sets('database-encrypted', database, 'storage_encrypted', undefined, 'lodger'),
  sets('database-private', database, 'publicly_accessible', true),
  sets('database-backups', database, 'backup_retention_period', 1),
  sets('database-backups', database, 'backup_retention_period', undefined),
  sets('database-kept', database, 'deletion_protection', false),
  sets('database-kept', database, 'skip_final_snapshot', true),
  parameter('database-tls', 'aws_db_parameter_group.database-parameters', 'rds.force_ssl', '0'),
  parameter('database-tls', 'aws_db_parameter_group.database-parameters', 'rds.force_ssl', undefined),
  sets('database-logs', database, 'enabled_cloudwatch_logs_exports', ['upgrade']),
  parameter('database-logs', 'aws_db_parameter_group.database-parameters', 'log_statement', 'none'),
  parameter('database-logs', 'aws_db_parameter_group.database-parameters', 'log_min_duration_statement', '-1'),
  sets('database-minor-versions', database, 'auto_minor_version_upgrade', false),
  sets('database-minor-versions', database, 'copy_tags_to_snapshot', undefined),
  sets('database-two-zones', database, 'multi_az', false),
  sets('database-iam', database, 'iam_database_authentication_enabled', undefined),
  sets('database-insights', database, 'performance_insights_enabled', false),
  sets('cache-encrypted', cache, 'at_rest_encryption_enabled', 'false'),
  without('cache-encrypted', 'aws_elasticache_replication_group'),
  sets('cache-tls', cache, 'transit_encryption_enabled', false),
  sets('cache-tls', cache, 'transit_encryption_mode', 'preferred'),
  sets('cache-tls', cache, 'user_group_ids', undefined),
  sets(
    'cache-tls',
    'aws_elasticache_user.cache-user-own',
    'authentication_mode.type',
    'no-password-required',
    'lodger',
  ),
  sets('cache-snapshots', cache, 'snapshot_retention_limit', 0),
  parameter('cache-keeps-all', 'aws_elasticache_parameter_group.cache-parameters', 'maxmemory-policy', 'volatile-lru'),
  sets('cache-keeps-all', cache, 'parameter_group_name', 'default.valkey8'),
  sets('cache-own-keys', 'aws_elasticache_user.cache-user-own', 'access_string', 'on ~* &* +@all', 'lodger'),
  sets('cache-own-keys', 'aws_elasticache_user.cache-user-own', 'access_string', 'on ~production:* &* +@all', 'lodger'),
  sets('cache-own-keys', 'aws_elasticache_user.cache-user-own', 'access_string', 'on ~staging:* &* +@all', 'lodger'),
  without('bucket-closed', closed),
  sets('bucket-closed', closed, 'restrict_public_buckets', false),
  without('bucket-closed', 'aws_s3_bucket_ownership_controls.bucket-models-ownership', 'lodger'),
  without(
    'bucket-encrypted',
    'aws_s3_bucket_server_side_encryption_configuration.bucket-objects-encryption',
    'economy',
  ),
  without('bucket-encrypted', 'aws_s3_bucket_server_side_encryption_configuration.state-encryption', 'account'),
  sets(
    'bucket-own-key',
    'aws_s3_bucket_server_side_encryption_configuration.bucket-objects-encryption',
    'rule.0.apply_server_side_encryption_by_default.sse_algorithm',
    'AES256',
  ),
  without('bucket-versions', 'aws_s3_bucket_versioning.bucket-backups-versions'),
  sets(
    'bucket-versions',
    'aws_s3_bucket_versioning.state-versions',
    'versioning_configuration.status',
    'Suspended',
    'account',
  ),
  without('bucket-lifecycle', 'aws_s3_bucket_lifecycle_configuration.bucket-logs-lifecycle'),
  sets(
    'bucket-lifecycle',
    'aws_s3_bucket_lifecycle_configuration.bucket-assets-lifecycle',
    'rule.0.abort_incomplete_multipart_upload',
    undefined,
  ),
  without('bucket-tls', 'aws_s3_bucket_policy.closed-page-policy'),
  {
    rule: 'bucket-tls',
    what: 'a policy that refuses nothing',
    mutate: ({ policy }) =>
      policy('aws_s3_bucket_policy', 'bucket-objects-policy', (statements) => statements.splice(0)),
  },
  {
    rule: 'bucket-tls',
    what: 'a policy that forgets the bucket',
    mutate: ({ policy }) =>
      policy('aws_s3_bucket_policy', 'bucket-objects-policy', ([only]) => (only!.Resource = [only!.Resource![1]!])),
  },
  {
    rule: 'bucket-tls',
    what: 'a policy that forgets the objects',
    mutate: ({ policy }) =>
      policy('aws_s3_bucket_policy', 'bucket-objects-policy', ([only]) => (only!.Resource = [only!.Resource![0]!])),
  },
]
