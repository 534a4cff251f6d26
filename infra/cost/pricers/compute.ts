import { z } from 'zod'
import type { Charge, Pricer, Stack } from '../charge.ts'
import { getPriceKey, type PriceKey } from '../prices.ts'
import { blocks, findReferred, isAbout, ofType, readValues, type Resource } from '../resources.ts'
import { countHoursOf, type Level, MONTH_HOURS, weeklyLevels } from '../weekly.ts'

const Share = z.object({
  capacity_provider: z.string(),
  base: z.coerce.number().default(0),
  weight: z.coerce.number().default(0),
})
type Share = z.output<typeof Share>

const Service = z.object({
  name: z.string(),
  task_definition: z.string(),
  desired_count: z.coerce.number().default(0),
  launch_type: z.string().nullish(),
  capacity_provider_strategy: blocks(Share),
  network_configuration: blocks(z.object({ assign_public_ip: z.boolean().nullish() })),
  load_balancer: blocks(z.unknown()),
})

const Size = z.object({
  cpu: z.coerce.number(),
  memory: z.coerce.number(),
  runtime_platform: blocks(z.object({ cpu_architecture: z.string().nullish() })),
  ephemeral_storage: blocks(z.object({ size_in_gib: z.coerce.number() })),
})

/** What the tasks of a service cost: on demand or in the spot market, by the hours that the clock gives them. */
export const priceService: Pricer = (resource, stack) => {
  const service = readValues(Service, resource)
  const task = findReferred(stack.resources, 'aws_ecs_task_definition', service.task_definition)
  if (!task) throw new Error(`${resource.address} cannot be priced: its task definition is not in the stack.`)
  const levels = serviceLevels(resource, stack)
  const base = { resource: resource.address }
  const hours = sharedHours(service, levels)
  const extra = extraHours(service, levels, stack)
  const shares = [...hours].filter(([, taskHours]) => taskHours > 0)
  const tasks = shares.flatMap(([provider, taskHours]) => taskCharges(resource, task, provider, taskHours))
  const more = extra > 0 ? taskCharges(resource, task, mainProvider(service), extra, ' more') : []
  const address = service.network_configuration.some(({ assign_public_ip: assigned }) => assigned)
  const all = countHoursOf(levels) + extra
  if (!address || all === 0) return [...tasks, ...more]
  return [...tasks, ...more, { ...base, what: 'addresses of tasks', price: 'ipv4', quantity: all }]
}

/** A definition that no service runs is a one-off task, such as the migration. */
export const priceTaskDefinition: Pricer = (resource, stack) => {
  const used = ofType(stack.resources, 'aws_ecs_service').some(({ values }) =>
    isAbout(values['task_definition'], resource),
  )
  const hours = stack.usage.releases * stack.usage.oneOffHours
  if (used || hours === 0) return []
  const charges = taskCharges(resource, resource, 'FARGATE', hours)
  return [...charges, { resource: resource.address, what: 'addresses of tasks', price: 'ipv4', quantity: hours }]
}

const Target = z.object({ min_capacity: z.coerce.number() })
const Action = z.object({
  schedule: z.string(),
  scalable_target_action: blocks(z.object({ min_capacity: z.coerce.number().nullish() })),
})

/** How many tasks a service has at least, and how long: as its scheduled actions say, else its target, else it itself. */
export function serviceLevels(service: Resource, { resources, usage }: Stack): Level[] {
  const isOurs = ({ values }: Resource) => isAbout(values['resource_id'], service)
  const target = ofType(resources, 'aws_appautoscaling_target').find(isOurs)
  const changes = ofType(resources, 'aws_appautoscaling_scheduled_action')
    .filter((action) => isOurs(action) || (target !== undefined && isAbout(action.values['resource_id'], target)))
    .map((action) => ({ action, ...readValues(Action, action) }))
    .flatMap(({ schedule, scalable_target_action: [to] }) =>
      typeof to?.min_capacity === 'number' ? [{ cron: schedule, count: to.min_capacity }] : [],
    )
  if (changes.some(({ count }) => count > 0)) return weeklyLevels(changes)
  const desired = readValues(Service, service).desired_count
  const always = target ? readValues(Target, target).min_capacity : desired
  if (always > 0 && changes.length === 0) return [{ count: always, hours: MONTH_HOURS }]
  return usage.wakeHours !== undefined && isWoken(service, resources)
    ? [{ count: 1, hours: usage.wakeHours }]
    : [{ count: 0, hours: MONTH_HOURS }]
}

/** Of two colours behind a load balancer one is woken. */
function isWoken(service: Resource, resources: Resource[]): boolean {
  const behind = ofType(resources, 'aws_ecs_service').filter((one) => readValues(Service, one).load_balancer.length > 0)
  return !behind.includes(service) || behind[0] === service
}

/** Task hours of each capacity provider: its base first, what is above by the weights. */
function sharedHours(service: z.output<typeof Service>, levels: Level[]): Map<string, number> {
  const shares = sharesOf(service)
  const weights = shares.reduce((sum, { weight }) => sum + weight, 0)
  const found = new Map<string, number>()
  for (const { count, hours } of levels) {
    let above = count
    for (const { capacity_provider: provider, base } of shares) {
      const taken = Math.min(base, above)
      found.set(provider, (found.get(provider) ?? 0) + taken * hours)
      above -= taken
    }
    for (const { capacity_provider: provider, weight } of shares) {
      found.set(provider, (found.get(provider) ?? 0) + (weights > 0 ? (above * weight * hours) / weights : 0))
    }
  }
  return found
}

const sharesOf = ({ capacity_provider_strategy: shares, launch_type: type }: z.output<typeof Service>): Share[] =>
  shares.length > 0 ? shares : [{ capacity_provider: type ?? 'FARGATE', base: 0, weight: 1 }]

/** Where the tasks above the base run. */
const mainProvider = (service: z.output<typeof Service>): string =>
  sharesOf(service).toSorted((a, b) => b.weight - a.weight)[0]!.capacity_provider

/** Scaling out, and the time that a new release stands beside the old one. */
function extraHours(service: z.output<typeof Service>, levels: Level[], { usage }: Stack): number {
  if (countHoursOf(levels) === 0) return 0
  const overlap = service.load_balancer.length > 0 ? usage.releases * usage.overlapHours : 0
  return usage.moreTaskHours + overlap
}

function taskCharges(resource: Resource, task: Resource, provider: string, hours: number, more = ''): Charge[] {
  const size = readValues(Size, task)
  const vcpu = size.cpu / 1024
  const memoryGb = size.memory / 1024
  const storageGb = (size.ephemeral_storage[0]?.size_in_gib ?? 20) - 20
  const arm = size.runtime_platform[0]?.cpu_architecture === 'ARM64'
  const market = { FARGATE: '', FARGATE_SPOT: '.spot' }[provider]
  if (market === undefined) throw new Error(`${resource.address} cannot be priced: no price of ${provider} is known.`)
  const key = (part: string): PriceKey => getPriceKey(`fargate.${arm ? 'arm' : 'x86'}${market}.${part}`, provider)
  const what = `${round(hours)} task hours${more}, ${vcpu} vCPU, ${memoryGb} GB${market === '' ? '' : ', spot'}`
  const charges: Charge[] = [
    { resource: resource.address, what, price: key('vcpu'), quantity: hours * vcpu },
    { resource: resource.address, what, price: key('memory'), quantity: hours * memoryGb },
  ]
  if (storageGb <= 0) return charges
  return [...charges, { resource: resource.address, what, price: 'fargate.storage', quantity: hours * storageGb }]
}

const round = (hours: number): number => Math.round(hours * 10) / 10
