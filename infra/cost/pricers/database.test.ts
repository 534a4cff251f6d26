import { describe, expect, test } from 'vitest'
import { clockOf, linesOf, stackOf, usdOf } from '../testing/stack.ts'

const micro = { identifier: 'main', instance_class: 'db.t4g.micro', allocated_storage: 20, storage_type: 'gp3' }
const costOf = (stack: Parameters<typeof linesOf>[0], price: string) =>
  usdOf(linesOf(stack), 'aws_db_instance.main', price)

describe('a database', () => {
  test('runs all month when nothing stops it', () => {
    const stack = stackOf('production', { aws_db_instance: { main: micro } })
    expect(costOf(stack, 'rds.db')).toBeCloseTo(730 * 0.016, 6)
  })

  test('in two zones costs twice, its storage too', () => {
    const stack = stackOf('production', { aws_db_instance: { main: { ...micro, multi_az: true } } })
    expect(costOf(stack, 'rds.db')).toBeCloseTo(23.36, 6)
    expect(costOf(stack, 'rds.gp3')).toBeCloseTo(4.6, 6)
  })

  test('that the clock starts and stops pays its storage always', () => {
    const stack = stackOf('production', {
      aws_db_instance: { main: micro },
      aws_scheduler_schedule: {
        start: clockOf('start', 'cron(30 7 ? * MON-FRI *)'),
        stop: clockOf('stop', 'cron(10 18 * * ? *)'),
      },
    })
    // 10 h 40 on five days are 53.33 of 168 hours.
    expect(costOf(stack, 'rds.db')).toBeCloseTo((53.3333333 / 168) * 730 * 0.016, 4)
    expect(costOf(stack, 'rds.gp3')).toBeCloseTo(2.3, 6)
  })

  test('heeds the clock of no other database, and none that is off', () => {
    const stop = clockOf('stop', 'cron(10 18 * * ? *)')
    const named = { ...stop, target: { ...stop.target, input: '{"DbInstanceIdentifier":"main-2"}' } }
    const stack = stackOf('production', {
      aws_db_instance: { main: micro },
      aws_scheduler_schedule: { other: named, off: { ...stop, state: 'DISABLED' } },
    })
    expect(costOf(stack, 'rds.db')).toBeCloseTo(11.68, 6)
  })

  // AWS: "If you don't manually start your DB instance after it is stopped for seven consecutive days, RDS starts it for you."
  test('that is only ever stopped is started by AWS after 7 days, and runs until the next stop', () => {
    const stackWith = (cron: string) =>
      stackOf('staging', { aws_db_instance: { main: micro }, aws_scheduler_schedule: { stop: clockOf('stop', cron) } }, {}, 40) // prettier-ignore
    // A stop a day: at worst 24 hours of every 192, besides 40 hours awake.
    expect(costOf(stackWith('cron(10 18 * * ? *)'), 'rds.db')).toBeCloseTo((40 + 730 / 8) * 0.016, 6)
    expect(costOf(stackWith('cron(10 * * * ? *)'), 'rds.db')).toBeCloseTo((40 + 730 / 169) * 0.016, 6)
    // At 06:00 and 18:00 on weekdays: the longest time without a stop is the weekend's 60 hours.
    expect(costOf(stackWith('cron(0 6,18 ? * MON-FRI *)'), 'rds.db')).toBeCloseTo((40 + (730 * 60) / 228) * 0.016, 6)
  })

  test('has its backups for nothing up to the size of its storage', () => {
    const stackWith = (databaseBackupGb: number) =>
      stackOf('production', { aws_db_instance: { main: micro } }, { databaseBackupGb })
    expect(costOf(stackWith(20), 'rds.backup')).toBe(0)
    expect(costOf(stackWith(30), 'rds.backup')).toBeCloseTo(0.95, 6)
  })

  test('has a secret of its own when AWS keeps the master password', () => {
    const stack = stackOf('production', { aws_db_instance: { main: { ...micro, manage_master_user_password: true } } })
    expect(costOf(stack, 'secrets')).toBeCloseTo(0.4, 6)
  })

  test.each([
    ['IOPS of its own', { iops: 4000 }],
    ['another disk', { storage_type: 'io2' }],
    ['insights for longer than a week', { performance_insights_retention_period: 31 }],
  ])('with %s has no price here', (_, more) => {
    const stack = stackOf('production', { aws_db_instance: { main: { ...micro, ...more } } })
    expect(() => linesOf(stack)).toThrow('aws_db_instance.main cannot be priced')
  })
})

describe('a cache', () => {
  test('costs its nodes all month, and its snapshots after the first', () => {
    const cache = { engine: 'valkey', node_type: 'cache.t4g.micro', num_cache_clusters: 2, snapshot_retention_limit: 5 }
    const stack = stackOf('production', { aws_elasticache_replication_group: { main: cache } }, { cacheGb: 0.5 })
    expect(usdOf(linesOf(stack), 'aws_elasticache_replication_group.main', 'cache.t4g')).toBeCloseTo(18.688, 6)
    expect(usdOf(linesOf(stack), 'aws_elasticache_replication_group.main', 'cache.snapshot')).toBeCloseTo(0.17, 6)
  })
})
