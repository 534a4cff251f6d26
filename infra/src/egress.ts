import { AutoscalingGroup, Eip, Fn, LaunchTemplate, NatGateway, NetworkInterface, Route, SecurityGroup } from './aws.ts'
import { type TerraformStack, VpcSecurityGroupEgressRule, VpcSecurityGroupIngressRule } from './aws.ts'
import type { Plan } from './environment.ts'
import { environmentTags } from './identity.ts'
import { cidrsOf, createRouteTable, createSubnets } from './subnets.ts'

interface Around {
  vpcId: string
  /** Availability Zones by name. */
  zones: string[]
  publicSubnetIds: string[]
}

/**
 * Subnets for tasks that reach the internet through a NAT with a lasting address. A gateway costs 32.85 dollars a month and
 * 0.045 for each GB; an instance about a fifth, but it is one machine, and away for some minutes when it is replaced.
 */
export function createPrivateTasks(
  stack: TerraformStack,
  plan: Plan,
  around: Around,
): { subnetIds: string[]; routeTableIds: string[] } {
  const { vpcId, zones } = around
  const subnetIds = createSubnets(stack, plan, { vpcId, zones, tier: 'private' })
  const routeTableIds = subnetIds.map((subnetId, zone) =>
    createRouteTable(stack, plan, { vpcId, name: `private-${zone + 1}`, subnetIds: [subnetId] }),
  )
  const exits =
    plan.egress === 'nat-gateway' ? createGateways(stack, plan, around) : createInstance(stack, plan, around)
  for (const [zone, routeTableId] of routeTableIds.entries())
    new Route(stack, `route-private-${zone + 1}`, {
      routeTableId,
      destinationCidrBlock: '0.0.0.0/0',
      ...(exits[zone] ?? exits[0]),
    })
  return { subnetIds, routeTableIds }
}

/** One for both zones; with two of everything, one in each. */
function createGateways(stack: TerraformStack, plan: Plan, { publicSubnetIds }: Around): { natGatewayId: string }[] {
  const subnetIds = plan.buys.database.multiAz ? publicSubnetIds : publicSubnetIds.slice(0, 1)
  return subnetIds.map((subnetId, zone) => {
    const tags = { Name: `dayshift-${plan.name}-nat-${zone + 1}` }
    const address = new Eip(stack, `nat-address-${zone + 1}`, { domain: 'vpc', tags })
    const gateway = new NatGateway(stack, `nat-gateway-${zone + 1}`, { subnetId, allocationId: address.id, tags })
    return { natGatewayId: gateway.id }
  })
}

/** Where AWS keeps the number of its newest Amazon Linux for ARM. */
const imageParameter = '/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64'
const days = (count: number): number => count * 86_400

/**
 * A t4g.nano that passes on what tasks send. Its network interface, with address and route, outlives it: when it falls ill, or
 * after 30 days for the newest image, a group of one puts another machine behind the same interface.
 */
function createInstance(stack: TerraformStack, plan: Plan, around: Around): { networkInterfaceId: string }[] {
  const Name = `dayshift-${plan.name}-nat`
  const tags = { Name }
  // What the group starts does not get the provider's tags.
  const startedTags = { ...tags, ...environmentTags(plan.name) }
  const face = new NetworkInterface(stack, 'nat-interface', {
    subnetId: around.publicSubnetIds[0]!,
    description: 'Way out of the private subnets',
    // What passes through is from and to others.
    sourceDestCheck: false,
    securityGroups: [createInstanceGroup(stack, plan, around.vpcId)],
    tags,
  })
  const address = new Eip(stack, 'nat-address', { domain: 'vpc', networkInterface: face.id, tags })
  const template = new LaunchTemplate(stack, 'nat-template', {
    name: Name,
    imageId: `resolve:ssm:${imageParameter}`,
    instanceType: 't4g.nano',
    updateDefaultVersion: true,
    userData: Fn.base64encode(passOn(plan)),
    networkInterfaces: [{ deviceIndex: 0, networkInterfaceId: face.id }],
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [{ deviceName: '/dev/xvda', ebs: { volumeType: 'gp3', volumeSize: 8, encrypted: 'true' } }],
    tagSpecifications: [
      { resourceType: 'instance', tags: startedTags },
      { resourceType: 'volume', tags: startedTags },
    ],
    tags,
  })
  new AutoscalingGroup(stack, 'nat-group', {
    name: Name,
    minSize: 1,
    maxSize: 1,
    // An interface that is there already decides the subnet; the group may only name the zone.
    availabilityZones: [Fn.element(around.zones, 0)],
    launchTemplate: { id: template.id, version: Fn.tostring(template.latestVersion) },
    healthCheckType: 'EC2',
    maxInstanceLifetime: days(30),
    // The interface can only be at one machine: the old one goes first.
    instanceMaintenancePolicy: { minHealthyPercentage: 0, maxHealthyPercentage: 100 },
    instanceRefresh: { strategy: 'Rolling', preferences: { minHealthyPercentage: 0, maxHealthyPercentage: 100 } },
    tag: [{ key: 'Name', value: Name, propagateAtLaunch: true }],
    // The machine's first act is to fetch a package.
    dependsOn: [address],
    lifecycle: { ignoreChanges: ['availability_zones'] },
  })
  return [{ networkInterfaceId: face.id }]
}

/** Lets the private subnets in, by their addresses so that lodgers' tasks pass too, and to the ports that tasks use. */
function createInstanceGroup(stack: TerraformStack, plan: Plan, vpcId: string): string {
  const name = `dayshift-${plan.name}-nat`
  const group = new SecurityGroup(stack, 'group-nat', {
    vpcId,
    name,
    description: 'NAT instance: private subnets pass through',
    tags: { Name: name },
  })
  for (const port of [80, 443]) {
    const range = { securityGroupId: group.id, ipProtocol: 'tcp', fromPort: port, toPort: port, tags: { Name: name } }
    for (const [zone, cidrIpv4] of cidrsOf(plan, 'private').entries())
      new VpcSecurityGroupIngressRule(stack, `way-into-nat-${port}-from-private-${zone + 1}`, {
        ...range,
        cidrIpv4,
        description: `From tasks in zone ${zone + 1}`,
      })
    new VpcSecurityGroupEgressRule(stack, `way-nat-out-${port}`, {
      ...range,
      cidrIpv4: '0.0.0.0/0',
      description: 'To what tasks ask for',
    })
  }
  return group.id
}

/**
 * What the machine runs when it starts: forwarding, and its own address in place of the sender's. The package manager needs more
 * than the half GiB of a nano.
 */
const passOn = (plan: Plan): string => `#!/bin/bash
set -euo pipefail
echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/90-nat.conf
sysctl --load=/etc/sysctl.d/90-nat.conf
dd if=/dev/zero of=/swap bs=1M count=512
chmod 600 /swap
mkswap /swap
swapon /swap
until dnf install --assumeyes nftables; do sleep 5; done
cat > /etc/sysconfig/nftables.conf <<'END'
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${plan.cidr} ip daddr != ${plan.cidr} masquerade
  }
}
END
systemctl enable --now nftables
`
