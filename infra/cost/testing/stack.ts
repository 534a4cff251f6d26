import type { Line } from '../bill.ts'
import { billOf } from '../bill.ts'
import type { Stack } from '../charge.ts'
import { priceList } from '../prices.ts'
import { readSynth } from '../resources.ts'
import { type AssumptionName, type Kind, usageOf } from '../usage.ts'

type Named = Record<string, Record<string, unknown>>

/** A stack as cdktf writes it, by type and name. What is not assumed here is nothing. */
export function stackOf(
  environment: string,
  resource: Record<string, Named>,
  assumed: Partial<Record<AssumptionName, number>> = {},
  wakeHours?: number,
): Stack {
  const kind: Kind = 'account'
  const nothing = Object.fromEntries(Object.keys(usageOf(kind)).map((name) => [name, 0])) as Record<
    AssumptionName,
    number
  >
  return { environment, resources: readSynth({ resource }), usage: { ...nothing, ...assumed, wakeHours } }
}

/** The lines of one stack that has the account for itself. */
export const linesOf = (stack: Stack): Line[] => billOf([stack], priceList).lines

/** US dollars of the lines that belong to a resource (`type.name`), and to a price that begins so. */
export const usdOf = (lines: Line[], resource: string, price = ''): number =>
  lines
    .filter((line) => line.resource === resource && line.price.startsWith(price))
    .reduce((sum, line) => sum + line.usd, 0)

/** Half a virtual CPU and a gigabyte on ARM, as all tasks of Dayshift. */
export const smallTask = { cpu: '512', memory: '1024', runtime_platform: { cpu_architecture: 'ARM64' } }

export const serviceOf = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  task_definition: `\${aws_ecs_task_definition.${name}.arn}`,
  desired_count: 1,
  network_configuration: { assign_public_ip: true, subnets: ['${aws_subnet.a.id}'] },
  ...more,
})

export const spot = { capacity_provider_strategy: [{ capacity_provider: 'FARGATE_SPOT', weight: 1 }] }

/** At `cron` at least so many tasks of a service. */
export const scheduled = (service: string, cron: string, count: number) => ({
  resource_id: `service/\${aws_ecs_cluster.main.name}/\${aws_ecs_service.${service}.name}`,
  schedule: cron,
  timezone: 'Europe/Berlin',
  scalable_target_action: { min_capacity: count, max_capacity: 3 * count },
})

/** EventBridge Scheduler starts or stops a database. */
export const clockOf = (call: 'start' | 'stop', cron: string, database = 'main') => ({
  schedule_expression: cron,
  target: {
    arn: `arn:aws:scheduler:::aws-sdk:rds:${call}DBInstance`,
    input: `{"DbInstanceIdentifier":"\${aws_db_instance.${database}.identifier}"}`,
  },
})
