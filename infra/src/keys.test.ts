import { expect, test } from 'vitest'
import { foundation } from './testing/foundation.ts'

test('a key is paid for where the environment has one, whatever its profile, and rotates', () => {
  for (const profile of ['economy', 'standard', 'ha'] as const)
    expect(foundation('production', profile).all('aws_kms_key')).toEqual({})
  expect(Object.values(foundation('production', 'economy', { ownKey: true }).all('aws_kms_key'))).toMatchObject([
    { enable_key_rotation: true, deletion_window_in_days: 30 },
  ])
})

const ha = foundation('production', 'ha', { ownKey: true })
const own = '${aws_kms_key.key.arn}'

test('all data that can have the own key has it', () => {
  expect(ha.get('aws_db_instance', 'database')).toMatchObject({
    kms_key_id: own,
    master_user_secret_kms_key_id: own,
    performance_insights_kms_key_id: own,
  })
  expect(ha.get('aws_elasticache_replication_group', 'cache').kms_key_id).toBe(own)
  expect(ha.get('aws_secretsmanager_secret', 'database-password').kms_key_id).toBe(own)
  expect(ha.get('aws_backup_vault', 'backup-vault').kms_key_arn).toBe(own)
  const withKey = { rule: [{ apply_server_side_encryption_by_default: { kms_master_key_id: own } }] }
  for (const kind of ['objects', 'backups', 'models'])
    expect(ha.get('aws_s3_bucket_server_side_encryption_configuration', `bucket-${kind}-encryption`)).toMatchObject(
      withKey,
    )
})

test('services use the key in the name of this account only', () => {
  const statements = ha.statements('aws_kms_key', 'key')
  const [account, ...services] = statements
  expect(account).toMatchObject({
    Principal: {
      AWS: 'arn:${data.aws_partition.partition.partition}:iam::${data.aws_caller_identity.account.account_id}:root',
    },
  })
  expect(services.length).toBeGreaterThan(0)
  for (const { Condition } of services)
    expect(JSON.stringify(Condition)).toContain('${data.aws_caller_identity.account.account_id}')
})
