import { DataAwsEc2ManagedPrefixList, DataAwsSecurityGroup, DefaultSecurityGroup, SecurityGroup } from './aws.ts'
import { type TerraformStack, VpcSecurityGroupEgressRule, VpcSecurityGroupIngressRule } from './aws.ts'
import type { Plan } from './environment.ts'
import type { Network } from './parts.ts'

type GroupName = keyof Network['groupIds']

const groups: Record<GroupName, string> = {
  loadBalancer: 'Load balancer: CloudFront comes in',
  web: 'Web tasks: the load balancer comes in',
  worker: 'Worker and migration tasks: nobody comes in',
  database: 'PostgreSQL: tasks come in, nothing goes out',
  cache: 'Valkey: tasks come in, nothing goes out',
  endpoints: 'Doors to AWS services: tasks come in, nothing goes out',
}

/** Who may open a connection to whom: each line is a way out of one group and a way into the other. */
const ways: { from: GroupName; to: GroupName; port: number }[] = [
  { from: 'loadBalancer', to: 'web', port: 8765 },
  { from: 'web', to: 'database', port: 5432 },
  { from: 'web', to: 'cache', port: 6379 },
  { from: 'web', to: 'endpoints', port: 443 },
  { from: 'worker', to: 'database', port: 5432 },
  { from: 'worker', to: 'cache', port: 6379 },
  { from: 'worker', to: 'endpoints', port: 443 },
]

/** Ways into the internet. The worker alone reads feeds, and some still speak plain HTTP. */
const waysOut: { from: GroupName; port: number; why: string }[] = [
  { from: 'web', port: 443, why: 'services of AWS' },
  { from: 'worker', port: 443, why: 'feeds, articles and services of AWS' },
  { from: 'worker', port: 80, why: 'feeds and articles without TLS' },
]

/** All groups of an environment with a network of its own. The network's default group is left without any rule. */
export function createGroups(stack: TerraformStack, plan: Plan, vpcId: string): Network['groupIds'] {
  new DefaultSecurityGroup(stack, 'group-default', { vpcId, tags: { Name: `dayshift-${plan.name}-unused` } })
  const make = (name: GroupName) => createGroup(stack, plan, vpcId, name)
  const groupIds = {
    loadBalancer: make('loadBalancer'),
    web: make('web'),
    worker: make('worker'),
    database: make('database'),
    cache: make('cache'),
    endpoints: make('endpoints'),
  }
  createWays(stack, plan, groupIds)
  allowCloudFront(stack, groupIds.loadBalancer)
  return groupIds
}

/**
 * A lodger has tasks and a database of its own: its groups open nothing of the host's but load balancer, cache and endpoints,
 * to whose groups it adds its own rules.
 */
export function joinGroups(stack: TerraformStack, plan: Plan, host: string, vpcId: string): Network['groupIds'] {
  const make = (name: GroupName) => createGroup(stack, plan, vpcId, name)
  const find = (name: GroupName) =>
    new DataAwsSecurityGroup(stack, `group-${spell(name)}`, { vpcId, name: groupName(host, name) }).id
  const groupIds = {
    loadBalancer: find('loadBalancer'),
    web: make('web'),
    worker: make('worker'),
    database: make('database'),
    cache: find('cache'),
    endpoints: find('endpoints'),
  }
  createWays(stack, plan, groupIds)
  return groupIds
}

const spell = (name: GroupName): string => (name === 'loadBalancer' ? 'load-balancer' : name)
const groupName = (environment: string, name: GroupName): string => `dayshift-${environment}-${spell(name)}`

function createGroup(stack: TerraformStack, plan: Plan, vpcId: string, name: GroupName): string {
  const called = groupName(plan.name, name)
  // Without rules of its own here: AWS's way out to everywhere is taken away when the group is made.
  return new SecurityGroup(stack, `group-${spell(name)}`, {
    vpcId,
    name: called,
    description: groups[name],
    tags: { Name: called },
  }).id
}

function createWays(stack: TerraformStack, plan: Plan, groupIds: Network['groupIds']): void {
  for (const { from, to, port } of ways) {
    const range = { ipProtocol: 'tcp', fromPort: port, toPort: port }
    const tags = { Name: `dayshift-${plan.name}-${spell(from)}-to-${spell(to)}` }
    new VpcSecurityGroupEgressRule(stack, `way-${spell(from)}-to-${spell(to)}`, {
      securityGroupId: groupIds[from],
      referencedSecurityGroupId: groupIds[to],
      description: `To ${spell(to)} of ${plan.name}`,
      ...range,
      tags,
    })
    new VpcSecurityGroupIngressRule(stack, `way-into-${spell(to)}-from-${spell(from)}`, {
      securityGroupId: groupIds[to],
      referencedSecurityGroupId: groupIds[from],
      description: `From ${spell(from)} of ${plan.name}`,
      ...range,
      tags,
    })
  }
  for (const { from, port, why } of waysOut) {
    new VpcSecurityGroupEgressRule(stack, `way-${spell(from)}-out-${port}`, {
      securityGroupId: groupIds[from],
      cidrIpv4: '0.0.0.0/0',
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description: `To ${why}`,
      tags: { Name: `dayshift-${plan.name}-${spell(from)}-out-${port}` },
    })
  }
}

/**
 * CloudFront enters through its VPC origin with addresses of this list. The group that AWS makes with the first VPC origin would be
 * narrower, but is there only afterwards; the load balancer is internal, so nobody else has a way to it either.
 */
function allowCloudFront(stack: TerraformStack, securityGroupId: string): void {
  const cloudFront = new DataAwsEc2ManagedPrefixList(stack, 'cloudfront-addresses', {
    name: 'com.amazonaws.global.cloudfront.origin-facing',
  })
  new VpcSecurityGroupIngressRule(stack, 'way-into-load-balancer-from-cloudfront', {
    securityGroupId,
    prefixListId: cloudFront.id,
    description: 'From CloudFront through its VPC origin',
    ipProtocol: 'tcp',
    fromPort: 80,
    toPort: 80,
    tags: { Name: 'cloudfront-to-load-balancer' },
  })
}
