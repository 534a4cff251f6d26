import { z } from 'zod'
import type { Charge, Pricer, Stack } from '../charge.ts'
import { getPriceKey } from '../prices.ts'
import { blocks, isAbout, ofType, readValues, type Resource } from '../resources.ts'
import { hoursOf, MONTH_HOURS, WEEK_HOURS, weeklyLevels, weeklyMinutes } from '../weekly.ts'

const Instance = z.object({
  instance_class: z.string(),
  multi_az: z.boolean().nullish(),
  allocated_storage: z.coerce.number(),
  storage_type: z.literal('gp3'),
  iops: z.null().optional(),
  manage_master_user_password: z.boolean().nullish(),
  performance_insights_enabled: z.boolean().nullish(),
  // Longer than a week is charged by the vCPU.
  performance_insights_retention_period: z.coerce.number().max(7).nullish(),
})

/** Hours on the clock; storage always, also while it is stopped. Backups are free up to the size of the storage. */
export const priceDatabase: Pricer = (resource, stack) => {
  const instance = readValues(Instance, resource)
  const { instance_class: size, allocated_storage: storageGb } = instance
  const zones = instance.multi_az ? '.multi-az' : ''
  const price = getPriceKey(`rds.${size}${zones}`, resource.address)
  const { hours, alone } = runningHours(resource, stack)
  const base = { resource: resource.address }
  const what = `${size}${instance.multi_az ? ' in two zones' : ''}`
  const charges: Charge[] = [
    { ...base, what, price, quantity: hours },
    {
      ...base,
      what: 'storage, also while it is stopped',
      price: getPriceKey(`rds.gp3${zones}`, 'RDS'),
      quantity: storageGb,
    },
    {
      ...base,
      what: 'the master secret',
      price: 'secrets.secret',
      quantity: instance.manage_master_user_password ? 1 : 0,
    },
    { ...base, what: 'backups above the storage', price: 'rds.backup', quantity: Math.max(0, stack.usage.databaseBackupGb - storageGb) }, // prettier-ignore
    { ...base, what: `${what}, started by AWS after 7 days until the next stop`, price, quantity: alone },
  ]
  return charges.filter(({ quantity }) => quantity > 0)
}

const Schedule = z.object({
  schedule_expression: z.string(),
  state: z.string().nullish(),
  target: blocks(z.object({ arn: z.string(), input: z.string().nullish() })),
})

/** AWS starts an instance that has been stopped for seven days; it then runs until the clock stops it again. */
function runningHours(instance: Resource, { resources, usage }: Stack): { hours: number; alone: number } {
  const schedules = ofType(resources, 'aws_scheduler_schedule')
    .map((schedule) => readValues(Schedule, schedule))
    .filter(({ state, target: [target] }) => state !== 'DISABLED' && isOf(target?.input ?? '', instance))
  const cronsOf = (call: string) =>
    schedules
      .filter(({ target: [target] }) => target?.arn.endsWith(call))
      .map((schedule) => schedule.schedule_expression)
  const starts = cronsOf(':rds:startDBInstance')
  const stops = cronsOf(':rds:stopDBInstance')
  if (stops.length === 0) return { hours: MONTH_HOURS, alone: 0 }
  if (starts.length > 0) {
    const levels = weeklyLevels([
      ...starts.map((cron) => ({ cron, count: 1 })),
      ...stops.map((cron) => ({ cron, count: 0 })),
    ])
    return { hours: hoursOf(levels), alone: 0 }
  }
  const gapHours = longestGapHours(stops)
  return { hours: usage.wakeHours ?? 0, alone: (MONTH_HOURS * gapHours) / (WEEK_HOURS + gapHours) }
}

/** The input of a call refers to the instance, or names it. */
function isOf(input: string, instance: Resource): boolean {
  const identifier = instance.values['identifier']
  return isAbout(input, instance) || (typeof identifier === 'string' && input.includes(`"${identifier}"`))
}

function longestGapHours(crons: string[]): number {
  const minutes = [...new Set(crons.flatMap(weeklyMinutes))].toSorted((a, b) => a - b)
  const gaps = minutes.map((minute, index) => (minutes[index + 1] ?? minutes[0]! + WEEK_HOURS * 60) - minute)
  return Math.max(...gaps) / 60
}

const Cache = z.object({
  engine: z.enum(['valkey', 'redis']),
  node_type: z.string(),
  num_cache_clusters: z.coerce.number().nullish(),
  num_node_groups: z.coerce.number().nullish(),
  replicas_per_node_group: z.coerce.number().nullish(),
  snapshot_retention_limit: z.coerce.number().nullish(),
})

/** Nodes cannot be stopped. One snapshot is free. */
export const priceCache: Pricer = (resource, { usage }) => {
  const cache = readValues(Cache, resource)
  const sharded = (cache.num_node_groups ?? 1) * ((cache.replicas_per_node_group ?? 0) + 1)
  const nodes = cache.num_cache_clusters ?? sharded
  const snapshots = Math.max(0, (cache.snapshot_retention_limit ?? 0) - 1)
  const base = { resource: resource.address }
  const price = getPriceKey(`${cache.node_type}.${cache.engine}`, resource.address)
  const charges: Charge[] = [
    { ...base, what: `${nodes} × ${cache.node_type}, ${cache.engine}`, price, quantity: nodes * MONTH_HOURS },
    { ...base, what: 'snapshots after the first', price: 'cache.snapshot', quantity: snapshots * usage.cacheGb },
  ]
  return charges.filter(({ quantity }) => quantity > 0)
}
