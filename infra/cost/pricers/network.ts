import { z } from 'zod'
import type { Pricer } from '../charge.ts'
import { getPriceKey } from '../prices.ts'
import { blocks, countIn, findReferred, readValues } from '../resources.ts'
import { MONTH_HOURS } from '../weekly.ts'

export const priceAddress: Pricer = ({ address }) => [
  { resource: address, what: 'a public address', price: 'ipv4', quantity: MONTH_HOURS },
]

/** Its address is a resource of its own. */
export const priceNat: Pricer = ({ address }, { usage }) => [
  { resource: address, what: 'NAT gateway', price: 'nat.hour', quantity: MONTH_HOURS },
  { resource: address, what: 'traffic of feeds', price: 'nat.gb', quantity: usage.feedsGb },
]

const Endpoint = z.object({
  vpc_endpoint_type: z.enum(['Gateway', 'Interface']).nullish(),
  subnet_ids: z.unknown().optional(),
})

/** A gateway endpoint is free; an interface endpoint has its price in each zone. */
export const priceEndpoint: Pricer = (resource, { usage }) => {
  const { vpc_endpoint_type: type, subnet_ids: subnets } = readValues(Endpoint, resource)
  if (type !== 'Interface') return []
  const zones = countIn(subnets)
  const what = zones === 1 ? 'interface endpoint in one zone' : `interface endpoint in ${zones} zones`
  return [
    { resource: resource.address, what, price: 'endpoint.hour', quantity: zones * MONTH_HOURS },
    { resource: resource.address, what: 'traffic', price: 'endpoint.gb', quantity: usage.endpointGb },
  ]
}

export const priceFlowLog: Pricer = ({ address, values }, { usage }) => [
  {
    resource: address,
    what: 'delivery',
    price: values['log_destination_type'] === 's3' ? 'cloudwatch.logs.to-s3' : 'cloudwatch.logs',
    quantity: usage.vendedGb,
  },
]

const Balancer = z.object({
  load_balancer_type: z.literal('application').nullish(),
  internal: z.boolean().nullish(),
  subnets: z.unknown().optional(),
})

/** One that faces the internet has a public address in each zone. */
export const priceBalancer: Pricer = (resource, { usage }) => {
  const { internal, subnets } = readValues(Balancer, resource)
  const base = { resource: resource.address }
  const addresses = internal ? 0 : countIn(subnets)
  return [
    { ...base, what: 'application load balancer', price: 'alb.hour', quantity: MONTH_HOURS } as const,
    { ...base, what: 'capacity', price: 'alb.lcu', quantity: usage.lcu * MONTH_HOURS } as const,
    { ...base, what: 'its public addresses', price: 'ipv4', quantity: addresses * MONTH_HOURS } as const,
  ].filter(({ quantity }) => quantity > 0)
}

const Group = z.object({
  desired_capacity: z.coerce.number().nullish(),
  min_size: z.coerce.number(),
  launch_template: blocks(z.object({ id: z.string().nullish(), name: z.string().nullish() })),
})
const Template = z.object({
  instance_type: z.string(),
  block_device_mappings: blocks(z.object({ ebs: blocks(z.object({ volume_size: z.coerce.number().nullish() })) })),
  network_interfaces: blocks(z.object({ associate_public_ip_address: z.union([z.boolean(), z.string()]).nullish() })),
})
/** Of the machine image, where the template says nothing. */
const IMAGE_GB = 8

export const priceAutoscalingGroup: Pricer = (resource, { resources }) => {
  const group = readValues(Group, resource)
  const named = group.launch_template[0]
  const found = findReferred(resources, 'aws_launch_template', `${named?.id} ${named?.name}`)
  if (!found) throw new Error(`${resource.address} cannot be priced: its launch template is not in the stack.`)
  const template = readValues(Template, found)
  const machines = group.desired_capacity ?? group.min_size
  const gb = template.block_device_mappings.flatMap(({ ebs }) => ebs.map(({ volume_size: size }) => size ?? IMAGE_GB))
  const volumeGb = gb.length > 0 ? gb.reduce((sum, size) => sum + size, 0) : IMAGE_GB
  const isPublic = template.network_interfaces.some(({ associate_public_ip_address: own }) => String(own) === 'true')
  const base = { resource: resource.address }
  const price = getPriceKey(`ec2.${template.instance_type}`, resource.address)
  return [
    { ...base, what: `${machines} × ${template.instance_type}`, price, quantity: machines * MONTH_HOURS },
    { ...base, what: 'its disk', price: 'ebs.gp3', quantity: machines * volumeGb } as const,
    { ...base, what: 'its public address', price: 'ipv4', quantity: isPublic ? machines * MONTH_HOURS : 0 } as const,
  ].filter(({ quantity }) => quantity > 0)
}
