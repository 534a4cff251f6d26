import { DataAwsAvailabilityZones, DataAwsSubnets, DataAwsVpc, FlowLog, InternetGateway, Route } from './aws.ts'
import { type TerraformStack, Vpc } from './aws.ts'
import { createPrivateTasks } from './egress.ts'
import { createEndpoints } from './endpoints.ts'
import type { Plan } from './environment.ts'
import type { Bucket, Network } from './parts.ts'
import { createGroups, joinGroups } from './security-groups.ts'
import { createRouteTable, createSubnets, type Tier } from './subnets.ts'

/** Zones that lack something we need: Fargate on ARM64, or CloudFront's VPC origins. */
const unfitZones = ['use1-az3', 'usw1-az2', 'cac1-az3', 'apne1-az3']

/** A network over two Availability Zones, with its endpoints; without a NAT unless the environment asks for one. */
export function createNetwork(stack: TerraformStack, plan: Plan): Network {
  const tags = { Name: `dayshift-${plan.name}` }
  // The private names of endpoints need both DNS settings.
  const vpcId = new Vpc(stack, 'vpc', {
    cidrBlock: plan.cidr,
    enableDnsSupport: true,
    enableDnsHostnames: true,
    tags,
  }).id
  // CloudFront's VPC origins ask for a gateway at the network, although their traffic does not pass it.
  const gateway = new InternetGateway(stack, 'internet-gateway', { vpcId, tags })
  const zones = new DataAwsAvailabilityZones(stack, 'zones', {
    state: 'available',
    excludeZoneIds: unfitZones,
    filter: [{ name: 'opt-in-status', values: ['opt-in-not-required'] }],
  }).names

  const publicSubnetIds = createSubnets(stack, plan, { vpcId, zones, tier: 'public' })
  const publicTableId = createRouteTable(stack, plan, { vpcId, name: 'public', subnetIds: publicSubnetIds })
  new Route(stack, 'route-public', {
    routeTableId: publicTableId,
    destinationCidrBlock: '0.0.0.0/0',
    gatewayId: gateway.id,
  })
  const isolatedSubnetIds = createSubnets(stack, plan, { vpcId, zones, tier: 'isolated' })
  // Without a route, and apart from the main table, so that a route there can never become theirs.
  createRouteTable(stack, plan, { vpcId, name: 'isolated', subnetIds: isolatedSubnetIds })

  const groupIds = createGroups(stack, plan, vpcId)
  const tasks =
    plan.egress === 'public-ip'
      ? { subnetIds: publicSubnetIds, routeTableIds: [publicTableId] }
      : createPrivateTasks(stack, plan, { vpcId, zones, publicSubnetIds })
  createEndpoints(stack, plan, {
    vpcId,
    routeTableIds: tasks.routeTableIds,
    subnetIds: isolatedSubnetIds,
    groupId: groupIds.endpoints,
  })
  return {
    vpcId,
    taskSubnetIds: tasks.subnetIds,
    assignPublicIp: plan.egress === 'public-ip',
    isolatedSubnetIds,
    groupIds,
  }
}

/** The network of the environment that this one lodges with, found by its names; their ways out must be the same. */
export function joinNetwork(stack: TerraformStack, plan: Plan): Network {
  const { lodgesWith: host } = plan
  if (host === undefined)
    throw new Error(`${plan.name} lodges with no other environment: it needs a network of its own.`)
  const vpcId = new DataAwsVpc(stack, 'vpc', { tags: { Name: `dayshift-${host}` } }).id
  const find = (tier: Tier): string[] =>
    new DataAwsSubnets(stack, `subnets-${tier}`, {
      filter: [
        { name: 'vpc-id', values: [vpcId] },
        { name: 'tag:Tier', values: [tier] },
      ],
    }).ids
  return {
    vpcId,
    taskSubnetIds: find(plan.egress === 'public-ip' ? 'public' : 'private'),
    assignPublicIp: plan.egress === 'public-ip',
    isolatedSubnetIds: find('isolated'),
    groupIds: joinGroups(stack, plan, host, vpcId),
  }
}

/** Keeps what was refused at the network's doors, and no more: all traffic would cost a multiple. */
export function createFlowLogs(
  stack: TerraformStack,
  plan: Plan,
  { network, logs }: { network: Network; logs: Bucket },
): void {
  new FlowLog(stack, 'flow-log', {
    vpcId: network.vpcId,
    trafficType: 'REJECT',
    logDestinationType: 's3',
    logDestination: logs.arn,
    maxAggregationInterval: 600,
    destinationOptions: { fileFormat: 'plain-text', perHourPartition: false, hiveCompatiblePartitions: false },
    tags: { Name: `dayshift-${plan.name}` },
  })
}
