import { z } from 'zod'
import type { Charge, Pricer } from '../charge.ts'
import { blocks, ofType, readValues } from '../resources.ts'
import { countHoursOf, hoursOf, MONTH_HOURS } from '../weekly.ts'
import { serviceLevels } from './compute.ts'

const Alarm = z.object({ period: z.coerce.number().nullish(), metric_query: blocks(z.object({ metric: blocks(z.object({ period: z.coerce.number() })) })) }) // prettier-ignore

/** Each metric that it looks at is charged; one of ten or thirty seconds would be dearer. */
export const priceAlarm: Pricer = (resource) => {
  const alarm = readValues(Alarm, resource)
  const queried = alarm.metric_query.flatMap(({ metric }) => metric)
  if ([alarm.period ?? 60, ...queried.map(({ period }) => period)].some((period) => period < 60)) {
    throw new Error(`${resource.address} cannot be priced: no price of alarms under a minute is known.`)
  }
  const quantity = Math.max(1, queried.length)
  return [{ resource: resource.address, what: 'alarm', price: 'cloudwatch.alarm', quantity }]
}

const Policy = z.object({
  target_tracking_scaling_policy_configuration: blocks(
    z.object({
      customized_metric_specification: blocks(
        z.object({ metrics: blocks(z.object({ metric_stat: blocks(z.unknown()) })) }),
      ),
    }),
  ),
})

/** Target tracking makes two alarms of its own, high and low, on every metric that it computes with. */
export const priceScalingPolicy: Pricer = (resource) => {
  const [tracking] = readValues(Policy, resource).target_tracking_scaling_policy_configuration
  if (!tracking) return []
  const metrics = tracking.customized_metric_specification.flatMap(({ metrics }) => metrics)
  const computed = metrics.filter(({ metric_stat: stat }) => stat.length > 0).length
  const quantity = 2 * Math.max(1, computed)
  return [{ resource: resource.address, what: 'alarms that AWS makes for it', price: 'cloudwatch.alarm', quantity }]
}

export const priceCompositeAlarm: Pricer = ({ address }) => [
  { resource: address, what: 'composite alarm', price: 'cloudwatch.alarm.composite', quantity: 1 },
]

export const priceDashboard: Pricer = ({ address }) => [
  { resource: address, what: 'dashboard', price: 'cloudwatch.dashboard', quantity: 1 },
]

export const priceTopic: Pricer = ({ address }, { usage }) => [
  { resource: address, what: 'mails', price: 'sns.email', quantity: usage.mailsThousand },
]

/** A metric filter makes a metric. */
export const priceMetricFilter: Pricer = ({ address }) => [
  { resource: address, what: 'metric', price: 'cloudwatch.metric', quantity: 1 },
]

const Cluster = z.object({ setting: blocks(z.object({ name: z.string(), value: z.string() })) })

/**
 * Metrics of Container Insights by their dimensions, of tasks with one container that has a health check, on Fargate without EBS.
 * Counted in the AWS documentation: "Amazon ECS Container Insights metrics", and "… with enhanced observability metrics":
 * 24 of them stand for the cluster, each service and each family, and twice for each task.
 */
const INSIGHTS = {
  enabled: { cluster: 12, service: 15, family: 10, task: 0, price: 'cloudwatch.metric' },
  enhanced: { cluster: 26, service: 29, family: 24, task: 48, price: 'cloudwatch.insights.enhanced' },
} as const

/** The metrics that services publish, and those of Container Insights; charged by the hour in which there is a value. */
export const priceCluster: Pricer = (resource, stack) => {
  const services = ofType(stack.resources, 'aws_ecs_service').map((service) => serviceLevels(service, stack))
  const hours = Math.max(0, ...services.map(hoursOf))
  const base = { resource: resource.address }
  const months = (metricHours: number): number => metricHours / MONTH_HOURS
  const own: Charge = { ...base, what: 'metrics of the services', price: 'cloudwatch.metric', quantity: months(stack.usage.metrics * hours) } // prettier-ignore
  const { setting } = readValues(Cluster, resource)
  const value = setting.find(({ name }) => name === 'containerInsights')?.value ?? 'disabled'
  if (value !== 'enabled' && value !== 'enhanced') return [own]
  const { cluster, service, family, task, price } = INSIGHTS[value]
  const serviceHours = services.reduce((sum, levels) => sum + hoursOf(levels), 0)
  const taskHours = services.reduce((sum, levels) => sum + countHoursOf(levels), 0)
  const quantity = months(cluster * hours + (service + family) * serviceHours + task * taskHours)
  return [own, { ...base, what: `Container Insights, ${value}`, price, quantity }]
}
