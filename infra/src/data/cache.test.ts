import { describe, expect, test } from 'vitest'
import { foundation } from '../testing/foundation.ts'
import { accessOf } from './cache.ts'

const production = foundation('production', 'economy')
const staging = foundation('staging', 'economy')
const ha = foundation('production', 'ha', { ownKey: true })
const group = production.get('aws_elasticache_replication_group', 'cache')

describe('the cache', () => {
  test('is Valkey 8, encrypted at rest and on the way', () => {
    expect(group).toMatchObject({
      engine: 'valkey',
      engine_version: '8.1',
      transit_encryption_enabled: true,
      transit_encryption_mode: 'required',
      at_rest_encryption_enabled: 'true',
      security_group_ids: ['${aws_security_group.group-cache.id}'],
    })
  })

  test('throws nothing away to make room', () => {
    expect(group.parameter_group_name).toBe('${aws_elasticache_parameter_group.cache-parameters.name}')
    expect(production.get('aws_elasticache_parameter_group', 'cache-parameters')).toMatchObject({
      family: 'valkey8',
      parameter: [{ name: 'maxmemory-policy', value: 'noeviction' }],
    })
  })

  test('has a second node in another zone that takes over, where the profile pays for it', () => {
    expect(group).toMatchObject({ num_cache_clusters: 1, automatic_failover_enabled: false, multi_az_enabled: false })
    expect(ha.get('aws_elasticache_replication_group', 'cache')).toMatchObject({
      num_cache_clusters: 2,
      automatic_failover_enabled: true,
      multi_az_enabled: true,
    })
  })

  test('makes snapshots and is maintained when nobody works', () => {
    expect(group.snapshot_retention_limit).toBe(7)
    // Closed from 18:00 to 08:00 in Berlin: in UTC 17:00 to 06:00 the whole year.
    const [from, to] = String(group.snapshot_window).split('-')
    expect(from! >= '17:00' && to! > from! && to! <= '24:00').toBe(true)
    const [, start, end] = /^\w{3}:(.{5})-\w{3}:(.{5})$/.exec(String(group.maintenance_window))!
    expect(start! >= '17:00' && end! > start!).toBe(true)
    // ElastiCache refuses windows that overlap.
    expect(start! >= to! || end! <= from!).toBe(true)
  })

  test('is not put back to a version that AWS has raised', () => {
    expect(group).toMatchObject({
      auto_minor_version_upgrade: 'true',
      lifecycle: { ignore_changes: ['engine_version'] },
    })
  })
})

describe('its users', () => {
  test('sign in by IAM: there is no password, and nobody is `default`', () => {
    const user = production.get('aws_elasticache_user', 'cache-user-own')
    // IAM asks for a name that is the id: docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
    expect([user.user_id, user.user_name]).toEqual(['dayshift-production', 'dayshift-production'])
    expect(user.authentication_mode).toEqual({ type: 'iam' })
    expect(group).not.toHaveProperty('auth_token')
    expect(group.user_group_ids).toEqual(['${aws_elasticache_user_group.cache-users.id}'])
    expect(production.get('aws_elasticache_user_group', 'cache-users').user_ids).toEqual([
      '${aws_elasticache_user.cache-user-own.user_id}',
    ])
  })

  test('may touch keys and channels of their environment, and do nothing to the server', () => {
    expect(accessOf('production')).toBe(
      'on ~production:* &production:* +@all -@admin -@dangerous -scan -randomkey +info',
    )
    expect(staging.get('aws_elasticache_user', 'cache-user-own').access_string).toContain('~staging:* &staging:*')
  })

  test('of a lodger join those of the host, who does not throw them out', () => {
    expect(staging.all('aws_elasticache_replication_group')).toEqual({})
    expect(staging.data('aws_elasticache_replication_group', 'cache')).toEqual({
      replication_group_id: group.replication_group_id,
    })
    expect(staging.get('aws_elasticache_user_group_association', 'cache-user')).toEqual({
      user_group_id: production.get('aws_elasticache_user_group', 'cache-users').user_group_id,
      user_id: '${aws_elasticache_user.cache-user-own.user_id}',
    })
    expect(production.get('aws_elasticache_user_group', 'cache-users')).toMatchObject({
      lifecycle: { ignore_changes: ['user_ids'] },
    })
  })
})
