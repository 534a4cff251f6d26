import { DataAwsLb, DataAwsLbListener, Lb, LbListener, LbListenerRule, LbTargetGroup } from './aws.ts'
import type { TerraformStack } from './aws.ts'
import type { Plan } from './environment.ts'
import { createLegacyTarget } from './legacy-target.ts'
import type { Data, LoadBalancing, Network } from './parts.ts'
import { type Release, weightOf } from './release.ts'

/**
 * The header in which CloudFront says where a request goes: the environment, whose rule divides by weight, or one of its colours,
 * `production-blue`. CloudFront sets it over whatever a browser sends.
 */
export const ROUTE_HEADER = 'X-Dayshift-Route'

interface Around {
  network: Network
  data: Data
  release: Release
}

/**
 * The way from CloudFront to the tasks: an internal load balancer, which lodgers share, and a rule that divides the environment's
 * requests over its colours by the weights of the release.
 */
export function createLoadBalancing(
  stack: TerraformStack,
  plan: Plan,
  { network, data, release }: Around,
): LoadBalancing {
  const { listenerArn, ...loadBalancer } = plan.lodgesWith
    ? findLoadBalancer(stack, plan.lodgesWith)
    : createLoadBalancer(stack, plan, network, data)
  const groups = {
    blue: createTargetGroup(stack, plan, network, 'blue'),
    green: createTargetGroup(stack, plan, network, 'green'),
    ...(release.legacy && { legacy: createLegacyTarget(stack, plan, network, release.legacy.target) }),
  }
  for (const [colour, group] of Object.entries(groups)) {
    new LbListenerRule(stack, `route-${colour}`, {
      listenerArn,
      condition: [{ httpHeader: { httpHeaderName: ROUTE_HEADER, values: [`${plan.name}-${colour}`] } }],
      action: [{ type: 'forward', targetGroupArn: group.arn }],
      tags: { Name: `dayshift-${plan.name}-${colour}` },
    })
  }
  const rule = new LbListenerRule(stack, 'route', {
    listenerArn,
    condition: [{ httpHeader: { httpHeaderName: ROUTE_HEADER, values: [plan.name] } }],
    action: [
      {
        type: 'forward',
        // Without stickiness the weights are exact; sessions are in the cache, so any task serves any session.
        forward: {
          targetGroup: weighted(release).map(([colour, weight]) => ({ arn: groups[colour]!.arn, weight })),
          stickiness: { enabled: false, duration: 1 },
        },
      },
    ],
    tags: { Name: `dayshift-${plan.name}` },
  })
  return {
    ...loadBalancer,
    listenerArn,
    targetGroupArns: {
      blue: groups.blue.arn,
      green: groups.green.arn,
      ...(groups.legacy && { legacy: groups.legacy.arn }),
    },
    targetGroupArnSuffixes: {
      blue: groups.blue.arnSuffix,
      green: groups.green.arnSuffix,
      ...(groups.legacy && { legacy: groups.legacy.arnSuffix }),
    },
    routes: rule,
  }
}

/** Before the first release the active colour stands alone, without tasks: the answer is 503, which CloudFront knows. */
function weighted(release: Release): ['blue' | 'green' | 'legacy', number][] {
  const colours = (['blue', 'green', 'legacy'] as const).filter((colour) => release[colour])
  const total = colours.reduce((sum, colour) => sum + weightOf(release, colour), 0)
  return colours.map((colour) => [colour, total === 0 && colour === release.active ? 100 : weightOf(release, colour)])
}

function createLoadBalancer(stack: TerraformStack, plan: Plan, network: Network, data: Data) {
  const name = `dayshift-${plan.name}`
  const loadBalancer = new Lb(stack, 'load-balancer', {
    name,
    internal: true,
    loadBalancerType: 'application',
    subnets: network.isolatedSubnetIds,
    securityGroups: [network.groupIds.loadBalancer],
    dropInvalidHeaderFields: true,
    desyncMitigationMode: 'defensive',
    // Above the heartbeat of event streams (15 s), below the web's own 65 s: closing first, it never meets a closed connection.
    idleTimeout: 60,
    enableDeletionProtection: plan.production,
    accessLogs: { enabled: true, bucket: data.buckets.logs.name },
    tags: { Name: name },
  })
  const listener = new LbListener(stack, 'listener', {
    loadBalancerArn: loadBalancer.arn,
    // Plain HTTP, for CloudFront's VPC origin alone, inside the network of AWS.
    port: 80,
    protocol: 'HTTP',
    defaultAction: [
      {
        type: 'fixed-response',
        fixedResponse: { contentType: 'text/plain', statusCode: '404', messageBody: 'No such environment.' },
      },
    ],
    tags: { Name: name },
  })
  return partsOf(loadBalancer, listener)
}

function findLoadBalancer(stack: TerraformStack, host: string) {
  const loadBalancer = new DataAwsLb(stack, 'load-balancer', { name: `dayshift-${host}` })
  return partsOf(
    loadBalancer,
    new DataAwsLbListener(stack, 'listener', { loadBalancerArn: loadBalancer.arn, port: 80 }),
  )
}

const partsOf = ({ arn, arnSuffix, dnsName }: Lb | DataAwsLb, listener: LbListener | DataAwsLbListener) => ({
  loadBalancerArn: arn,
  loadBalancerArnSuffix: arnSuffix,
  dnsName,
  listenerArn: listener.arn,
})

function createTargetGroup(
  stack: TerraformStack,
  plan: Plan,
  network: Network,
  colour: 'blue' | 'green',
): LbTargetGroup {
  const name = `dayshift-${plan.name}-${colour}`
  return new LbTargetGroup(stack, `targets-${colour}`, {
    name,
    vpcId: network.vpcId,
    targetType: 'ip',
    port: 8765,
    protocol: 'HTTP',
    // An answer of a model takes a minute, one from the database a millisecond: counting requests would pile the long ones up.
    loadBalancingAlgorithmType: 'least_outstanding_requests',
    // Before ECS stops a task; the task then has 110 s of its own to end its streams.
    deregistrationDelay: '30',
    healthCheck: {
      path: '/health',
      matcher: '200',
      interval: 15,
      timeout: 5,
      healthyThreshold: 2,
      unhealthyThreshold: 3,
    },
    stickiness: { enabled: false, type: 'lb_cookie' },
    tags: { Name: name },
  })
}
