import { describe, expect, test } from 'vitest'
import { foundation } from '../testing/foundation.ts'

const production = foundation('production', 'economy')
const staging = foundation('staging', 'economy')
const ha = foundation('production', 'ha', { ownKey: true })
const instance = production.get('aws_db_instance', 'database')

describe('the database', () => {
  test('is PostgreSQL 17 and takes minor versions by itself', () => {
    expect(instance).toMatchObject({
      engine: 'postgres',
      engine_version: '17',
      auto_minor_version_upgrade: true,
      allow_major_version_upgrade: false,
    })
  })

  test('is encrypted, and reached from isolated subnets by the tasks alone', () => {
    expect(instance).toMatchObject({
      storage_encrypted: true,
      publicly_accessible: false,
      vpc_security_group_ids: ['${aws_security_group.group-database.id}'],
    })
    expect(production.get('aws_db_subnet_group', 'database-subnets').subnet_ids).toEqual([
      '${aws_subnet.subnet-isolated-1.id}',
      '${aws_subnet.subnet-isolated-2.id}',
    ])
  })

  test('begins with 20 GB, the least of gp3, and grows', () => {
    expect(instance).toMatchObject({ storage_type: 'gp3', allocated_storage: 20, max_allocated_storage: 100 })
  })

  test('stands in two zones where the profile pays for it', () => {
    expect(instance.multi_az).toBe(false)
    expect(ha.get('aws_db_instance', 'database').multi_az).toBe(true)
  })

  test('speaks TLS only', () => {
    expect(production.get('aws_db_parameter_group', 'database-parameters')).toMatchObject({ family: 'postgres17' })
    expect(parameters()).toMatchObject({ 'rds.force_ssl': '1' })
  })

  test('logs who connects, what changes the schema and what is slow, but no content', () => {
    // CKV2_AWS_30 asks for the first two of these.
    expect(parameters()).toMatchObject({
      log_statement: 'ddl',
      log_min_duration_statement: '1000',
      log_connections: '1',
      log_parameter_max_length: '0',
    })
    expect(instance.enabled_cloudwatch_logs_exports).toEqual(['postgresql', 'upgrade'])
  })

  test('finds its log groups there, with an end', () => {
    expect(Object.values(production.all('aws_cloudwatch_log_group'))).toMatchObject([
      { name: '/aws/rds/instance/dayshift-production/postgresql', retention_in_days: 30 },
      { name: '/aws/rds/instance/dayshift-production/upgrade', retention_in_days: 30 },
    ])
    expect(staging.get('aws_cloudwatch_log_group', 'database-log-postgresql').retention_in_days).toBe(7)
    expect(instance.depends_on).toEqual([
      'aws_cloudwatch_log_group.database-log-postgresql',
      'aws_cloudwatch_log_group.database-log-upgrade',
    ])
  })

  test('keeps a week of insights, which costs nothing', () => {
    expect(instance).toMatchObject({ performance_insights_enabled: true, performance_insights_retention_period: 7 })
  })

  test('is backed up and maintained while it runs, in summer and in winter', () => {
    expect(instance).toMatchObject({ backup_retention_period: 7, copy_tags_to_snapshot: true })
    // Open from 08:00 to 18:00 in Berlin: in UTC 06:00 to 16:00 in summer, 07:00 to 17:00 in winter.
    const [from, to] = String(instance.backup_window).split('-')
    expect(from! >= '07:00' && to! <= '16:00' && from! < to!).toBe(true)
    const [, day, start, end] = /^(\w{3}):(.{5})-\w{3}:(.{5})$/.exec(String(instance.maintenance_window))!
    expect(['mon', 'tue', 'wed', 'thu', 'fri']).toContain(day)
    expect(start! >= '07:00' && end! <= '16:00').toBe(true)
  })

  test('in production is guarded, and leaves a snapshot of a name that another one does not have', () => {
    expect(instance).toMatchObject({
      deletion_protection: true,
      skip_final_snapshot: false,
      final_snapshot_identifier: 'dayshift-production-final-${formatdate("YYYYMMDDhhmm", timestamp())}',
      lifecycle: { ignore_changes: ['final_snapshot_identifier'] },
    })
    expect(staging.get('aws_db_instance', 'database')).toMatchObject({
      deletion_protection: false,
      skip_final_snapshot: true,
    })
  })
})

function parameters(): Record<string, string> {
  const { parameter } = production.get('aws_db_parameter_group', 'database-parameters')
  return Object.fromEntries((parameter as { name: string; value: string }[]).map(({ name, value }) => [name, value]))
}

describe('passwords', () => {
  test("the administrator's is made, kept and changed by RDS", () => {
    expect(instance).toMatchObject({ manage_master_user_password: true, username: 'dayshift_admin' })
    for (const name of ['password', 'password_wo']) expect(instance).not.toHaveProperty(name)
  })

  test("the application's is random, and goes where Terraform keeps no trace of it", () => {
    expect(production.json.ephemeral).toEqual({
      aws_secretsmanager_random_password: { database: { password_length: 48, exclude_punctuation: true } },
    })
    const version = production.get('aws_secretsmanager_secret_version', 'database-password-version')
    expect(version).toEqual({
      secret_id: '${aws_secretsmanager_secret.database-password.id}',
      secret_string_wo: '${ephemeral.aws_secretsmanager_random_password.database.random_password}',
      secret_string_wo_version: 1,
    })
  })

  test('a higher number in the data makes a new one', () => {
    const rotated = foundation('production', 'economy', { databasePasswordVersion: 2 })
    const version = rotated.get('aws_secretsmanager_secret_version', 'database-password-version')
    expect(version.secret_string_wo_version).toBe(2)
  })

  test('a destroyed environment can be made again on the same day, but not in production', () => {
    expect(staging.get('aws_secretsmanager_secret', 'database-password').recovery_window_in_days).toBe(0)
    expect(production.get('aws_secretsmanager_secret', 'database-password').recovery_window_in_days).toBe(30)
  })
})

describe('AWS Backup', () => {
  test('keeps snapshots of the database of production where the profile pays for it', () => {
    expect(production.all('aws_backup_plan')).toEqual({})
    expect(foundation('staging', 'ha').all('aws_backup_plan')).toEqual({})
    expect(ha.get('aws_backup_plan', 'backup-plan').rule).toMatchObject([
      // Open from 08:00 on Mondays in Berlin.
      { schedule: 'cron(0 8 ? * MON *)', schedule_expression_timezone: 'Europe/Berlin' },
    ])
    expect(ha.get('aws_backup_selection', 'backup-selection').resources).toEqual(['${aws_db_instance.database.arn}'])
  })

  test('has a role that the boundary holds', () => {
    expect(ha.get('aws_iam_role', 'backup-role').permissions_boundary).toContain(':policy/dayshift-boundary')
  })
})
