import { describe, expect, test } from 'vitest'
import { createNetwork, joinNetwork } from './network.ts'
import { foundation, planOf } from './testing/foundation.ts'
import { synthesize } from './testing/synthesize.ts'

const economy = foundation('production', 'economy')
const zone = (n: number) => `\${element(data.aws_availability_zones.zones.names, ${n})}`

describe('a network', () => {
  test('has public and isolated subnets in two zones, which do not overlap', () => {
    // 10.20.0.0/16 in sixteenths of 4,096 addresses.
    expect(Object.values(economy.all('aws_subnet'))).toMatchObject(
      [
        { tags: { Tier: 'isolated' }, cidr_block: '10.20.128.0/20', availability_zone: zone(0) },
        { tags: { Tier: 'isolated' }, cidr_block: '10.20.144.0/20', availability_zone: zone(1) },
        { tags: { Tier: 'public' }, cidr_block: '10.20.0.0/20', availability_zone: zone(0) },
        { tags: { Tier: 'public' }, cidr_block: '10.20.16.0/20', availability_zone: zone(1) },
      ].map((subnet) => ({ ...subnet, map_public_ip_on_launch: false })),
    )
  })

  test('leaves subnets where they are when AWS opens another zone', () => {
    for (const subnet of Object.values(economy.all('aws_subnet')))
      expect(subnet).toMatchObject({ lifecycle: { ignore_changes: ['availability_zone'] } })
    expect(economy.data('aws_availability_zones', 'zones').exclude_zone_ids).toContain('use1-az3')
  })

  test('has an internet gateway and no NAT', () => {
    expect(economy.all('aws_internet_gateway')).toHaveProperty('internet-gateway')
    for (const type of ['aws_nat_gateway', 'aws_eip', 'aws_autoscaling_group']) expect(economy.all(type)).toEqual({})
  })

  test('routes the public subnets to the internet and the isolated ones nowhere', () => {
    expect(Object.values(economy.all('aws_route'))).toEqual([
      {
        route_table_id: '${aws_route_table.routes-public.id}',
        destination_cidr_block: '0.0.0.0/0',
        gateway_id: '${aws_internet_gateway.internet-gateway.id}',
      },
    ])
    const tables = Object.values(economy.all('aws_route_table_association')).map((to) => [
      to.subnet_id,
      to.route_table_id,
    ])
    expect(tables).toContainEqual(['${aws_subnet.subnet-isolated-1.id}', '${aws_route_table.routes-isolated.id}'])
    expect(tables).toContainEqual(['${aws_subnet.subnet-isolated-2.id}', '${aws_route_table.routes-isolated.id}'])
  })

  test('keeps what it refused in the logs bucket, which must let it in first', () => {
    expect(economy.get('aws_flow_log', 'flow-log')).toMatchObject({
      traffic_type: 'REJECT',
      log_destination_type: 's3',
      log_destination:
        'arn:${data.aws_partition.partition.partition}:s3:::${aws_s3_bucket_policy.bucket-logs-policy.bucket}',
      vpc_id: '${aws_vpc.vpc.id}',
    })
  })
})

/** `from → to:port` of all rules with a group at both ends, as they are written at one end. */
function ways(rules: Record<string, Record<string, unknown>>, near: 'from' | 'to'): string[] {
  const group = (id: unknown) => /group-([a-z-]+)\.id/.exec(String(id))?.[1]
  return Object.values(rules)
    .filter((rule) => 'referenced_security_group_id' in rule)
    .map((rule) => {
      const ends = [group(rule.security_group_id), group(rule.referenced_security_group_id)]
      const [from, to] = near === 'from' ? ends : ends.reverse()
      expect(rule).toMatchObject({ ip_protocol: 'tcp', from_port: rule.to_port })
      return `${from} → ${to}:${String(rule.to_port)}`
    })
    .sort()
}

const chain = [
  'load-balancer → web:8765',
  'web → cache:6379',
  'web → database:5432',
  'web → endpoints:443',
  'worker → cache:6379',
  'worker → database:5432',
  'worker → endpoints:443',
]

describe('security groups', () => {
  const rulesIn = economy.all('aws_vpc_security_group_ingress_rule')
  const rulesOut = economy.all('aws_vpc_security_group_egress_rule')

  test('are a chain, written at both ends', () => {
    expect(ways(rulesIn, 'to')).toEqual(chain)
    expect(ways(rulesOut, 'from')).toEqual(chain)
  })

  test('let CloudFront alone in from outside, to the load balancer', () => {
    const fromOutside = Object.values(rulesIn).filter((rule) => !('referenced_security_group_id' in rule))
    expect(fromOutside).toHaveLength(1)
    expect(fromOutside[0]).toMatchObject({
      security_group_id: '${aws_security_group.group-load-balancer.id}',
      prefix_list_id: '${data.aws_ec2_managed_prefix_list.cloudfront-addresses.id}',
      from_port: 80,
      to_port: 80,
    })
    expect(economy.data('aws_ec2_managed_prefix_list', 'cloudfront-addresses').name).toBe(
      'com.amazonaws.global.cloudfront.origin-facing',
    )
  })

  test('let tasks out by TLS, and the worker also to feeds without it', () => {
    const out = Object.values(rulesOut).filter((rule) => 'cidr_ipv4' in rule)
    expect(out.map((rule) => [rule.security_group_id, rule.cidr_ipv4, rule.from_port])).toEqual([
      ['${aws_security_group.group-web.id}', '0.0.0.0/0', 443],
      ['${aws_security_group.group-worker.id}', '0.0.0.0/0', 443],
      ['${aws_security_group.group-worker.id}', '0.0.0.0/0', 80],
    ])
  })

  test.each(['database', 'cache', 'endpoints'])('give the group of the %s no way out', (name) => {
    const groups = Object.values(rulesOut).map((rule) => rule.security_group_id)
    expect(groups).not.toContain(`\${aws_security_group.group-${name}.id}`)
    // With its own rules in the resource Terraform would keep AWS's way out to everywhere.
    expect(Object.keys(economy.get('aws_security_group', `group-${name}`))).not.toContain('egress')
  })

  test('say what each group and rule is for', () => {
    for (const one of [
      ...Object.values(economy.all('aws_security_group')),
      ...Object.values(rulesIn),
      ...Object.values(rulesOut),
    ])
      expect(one.description).toMatch(/^\w.{5,}/)
  })

  test('leave the default group of the network empty', () => {
    const { ingress, egress, vpc_id } = economy.get('aws_default_security_group', 'group-default')
    expect([ingress, egress, vpc_id]).toEqual([undefined, undefined, '${aws_vpc.vpc.id}'])
  })
})

describe('a lodger', () => {
  const staging = foundation('staging', 'economy')

  test('makes no network but finds that of its host by name', () => {
    for (const type of ['aws_vpc', 'aws_subnet', 'aws_route_table', 'aws_vpc_endpoint', 'aws_flow_log'])
      expect(staging.all(type)).toEqual({})
    expect(staging.data('aws_vpc', 'vpc').tags).toEqual({ Name: 'dayshift-production' })
    expect(economy.get('aws_vpc', 'vpc').tags).toEqual({ Name: 'dayshift-production' })
    for (const name of ['load-balancer', 'cache', 'endpoints'])
      expect(staging.data('aws_security_group', `group-${name}`).name).toBe(
        economy.get('aws_security_group', `group-${name}`).name,
      )
  })

  test('has groups of its own for tasks and database, so that it has no way to the database of its host', () => {
    expect(Object.keys(staging.all('aws_security_group')).sort()).toEqual([
      'group-database',
      'group-web',
      'group-worker',
    ])
    expect(ways(staging.all('aws_vpc_security_group_ingress_rule'), 'to')).toEqual(chain)
    expect(ways(staging.all('aws_vpc_security_group_egress_rule'), 'from')).toEqual(chain)
    expect(staging.get('aws_vpc_security_group_ingress_rule', 'way-into-cache-from-web').security_group_id).toBe(
      '${data.aws_security_group.group-cache.id}',
    )
    expect(JSON.stringify(staging.json)).not.toContain('dayshift-production-database')
  })

  test('puts its tasks where the tasks of its host are', () => {
    const tierOf = (egress: 'public-ip' | 'nat-gateway') => {
      const plan = planOf('staging', 'economy', { egress })
      let assignPublicIp: boolean | undefined
      const { json } = synthesize(plan, (stack) => ({ assignPublicIp } = joinNetwork(stack, plan)))
      return [Object.keys(json.data?.aws_subnets ?? {}), assignPublicIp]
    }
    expect(tierOf('public-ip')).toEqual([['subnets-isolated', 'subnets-public'], true])
    expect(tierOf('nat-gateway')).toEqual([['subnets-isolated', 'subnets-private'], false])
  })

  test('needs a host', () => {
    const plan = planOf('production', 'economy')
    expect(() => synthesize(plan, joinNetwork)).toThrow('production lodges with no other environment')
  })
})

test('tasks have an address of their own where no NAT has one for them', () => {
  const assigned = (['public-ip', 'nat-instance', 'nat-gateway'] as const).map((egress) => {
    const plan = planOf('production', 'economy', { egress })
    let network: ReturnType<typeof createNetwork> | undefined
    synthesize(plan, (stack) => (network = createNetwork(stack, plan)))
    return network?.assignPublicIp
  })
  expect(assigned).toEqual([true, false, false])
})
