import {
  DataAwsSubnet,
  Fn,
  Lb,
  LbListener,
  LbTargetGroup,
  LbTargetGroupAttachment,
  VpcSecurityGroupEgressRule,
} from './aws.ts'
import type { TerraformStack } from './aws.ts'
import type { Plan } from './environment.ts'
import type { Network } from './parts.ts'
import type { LegacyTarget } from './release.ts'

type LoadBalancerTarget = Extract<LegacyTarget, { type: 'load-balancer' }>
type Kind = 'instance' | 'ip'

/**
 * An old deployment as a colour, so that traffic can be handed over by weight and back. The old one must let our load balancer in,
 * by its security group or by the addresses of the isolated subnets.
 */
export function createLegacyTarget(
  stack: TerraformStack,
  plan: Plan,
  network: Network,
  target: LegacyTarget,
): LbTargetGroup {
  const { kind, targets } = reach(stack, plan, network, target)
  const name = `dayshift-${plan.name}-legacy`
  const group = new LbTargetGroup(stack, 'targets-legacy', {
    name,
    vpcId: network.vpcId,
    targetType: kind,
    port: target.port,
    protocol: target.protocol,
    deregistrationDelay: '30',
    // It may answer / with a redirect to a page for signing in.
    healthCheck: { path: target.healthPath, matcher: '200-399', interval: 15, timeout: 5, healthyThreshold: 2 },
    stickiness: { enabled: false, type: 'lb_cookie' },
    tags: { Name: name },
  })
  for (const [n, { id, cidr }] of targets.entries()) {
    new LbTargetGroupAttachment(stack, `target-legacy-${n + 1}`, {
      targetGroupArn: group.arn,
      targetId: id,
      port: target.port,
      ...(target.type === 'ip' && target.beyondNetwork && { availabilityZone: 'all' }),
    })
    new VpcSecurityGroupEgressRule(stack, `way-load-balancer-to-legacy-${n + 1}`, {
      securityGroupId: network.groupIds.loadBalancer,
      cidrIpv4: cidr,
      ipProtocol: 'tcp',
      fromPort: target.port,
      toPort: target.port,
      description: `To the old deployment of ${plan.name}`,
      tags: { Name: `${name}-${n + 1}` },
    })
  }
  return group
}

/** What the load balancer sends to, and the addresses for which it needs a way out. */
function reach(
  stack: TerraformStack,
  plan: Plan,
  network: Network,
  target: LegacyTarget,
): { kind: Kind; targets: { id: string; cidr: string }[] } {
  if (target.type === 'ip')
    return { kind: 'ip', targets: target.addresses.map((address) => ({ id: address, cidr: `${address}/32` })) }
  // Only AWS knows the addresses of an instance.
  if (target.type === 'instance')
    return { kind: 'instance', targets: target.instanceIds.map((id) => ({ id, cidr: plan.cidr })) }
  const addresses = createPassage(stack, plan, network, target)
  return { kind: 'ip', targets: addresses.map((address) => ({ id: address, cidr: `${address}/32` })) }
}

/**
 * An Application Load Balancer cannot be the target of another one, and its addresses change. A Network Load Balancer can have it
 * as its target and has addresses of its own that stay: the passage from one to the other, for 16.43 dollars a month while it stands.
 */
function createPassage(stack: TerraformStack, plan: Plan, network: Network, target: LoadBalancerTarget): string[] {
  const name = `dayshift-${plan.name}-passage`
  const seats = [0, 1].map((zone) => {
    const subnetId = Fn.element(network.isolatedSubnetIds, zone)
    const { cidrBlock } = new DataAwsSubnet(stack, `passage-subnet-${zone + 1}`, { id: subnetId })
    // Near the end of the subnet: AWS gives addresses to others from its beginning, and keeps the last one.
    return { subnetId, privateIpv4Address: Fn.cidrhost(cidrBlock, -11) }
  })
  const loadBalancer = new Lb(stack, 'passage', {
    name,
    internal: true,
    loadBalancerType: 'network',
    subnetMapping: seats,
    enableCrossZoneLoadBalancing: true,
    tags: { Name: name },
  })
  const group = new LbTargetGroup(stack, 'passage-targets', {
    name,
    vpcId: network.vpcId,
    targetType: 'alb',
    port: target.port,
    protocol: 'TCP',
    healthCheck: { protocol: target.protocol, path: target.healthPath, matcher: '200-399' },
    tags: { Name: name },
  })
  new LbTargetGroupAttachment(stack, 'passage-target', {
    targetGroupArn: group.arn,
    targetId: target.arn,
    port: target.port,
  })
  new LbListener(stack, 'passage-listener', {
    loadBalancerArn: loadBalancer.arn,
    port: target.port,
    protocol: 'TCP',
    defaultAction: [{ type: 'forward', targetGroupArn: group.arn }],
    tags: { Name: name },
  })
  return seats.map(({ privateIpv4Address }) => privateIpv4Address)
}
