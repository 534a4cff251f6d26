import { Fn, RouteTable, RouteTableAssociation, Subnet, type TerraformStack } from './aws.ts'
import type { Plan } from './environment.ts'

/** public: a route to the internet both ways. private: out through a NAT. isolated: no route. */
export type Tier = 'public' | 'private' | 'isolated'

/** Which sixteenths of the /16 the two zones have: each a /20 with 4,091 addresses. */
const sixteenths: Record<Tier, [number, number]> = { public: [0, 1], private: [2, 3], isolated: [8, 9] }

/** Where the subnets of a tier lie, first zone first. */
export const cidrsOf = (plan: Plan, tier: Tier): string[] =>
  sixteenths[tier].map((sixteenth) => plan.cidr.replace(/\d+\.\d+\/16$/, `${sixteenth * 16}.0/20`))

/** A subnet of this tier in each zone. */
export function createSubnets(
  stack: TerraformStack,
  plan: Plan,
  { vpcId, zones, tier }: { vpcId: string; zones: string[]; tier: Tier },
): string[] {
  return cidrsOf(plan, tier).map((cidrBlock, zone) => {
    const id = `subnet-${tier}-${zone + 1}`
    return new Subnet(stack, id, {
      vpcId,
      cidrBlock,
      availabilityZone: Fn.element(zones, zone),
      mapPublicIpOnLaunch: false,
      // A zone that AWS opens later moves the others in their list, and must not move what lives in a subnet.
      lifecycle: { ignoreChanges: ['availability_zone'] },
      tags: { Name: `dayshift-${plan.name}-${tier}-${zone + 1}`, Tier: tier },
    }).id
  })
}

/** Routes for these subnets, none as yet. Gives the table's id. */
export function createRouteTable(
  stack: TerraformStack,
  plan: Plan,
  { vpcId, name, subnetIds }: { vpcId: string; name: string; subnetIds: string[] },
): string {
  const table = new RouteTable(stack, `routes-${name}`, { vpcId, tags: { Name: `dayshift-${plan.name}-${name}` } })
  for (const [n, subnetId] of subnetIds.entries())
    new RouteTableAssociation(stack, `routes-${name}-subnet-${n + 1}`, { routeTableId: table.id, subnetId })
  return table.id
}
