import type { Compute, Data, LoadBalancing } from '../parts.ts'
import type { Release } from '../release.ts'
import type { Metric } from './alarm.ts'

type OwnColour = 'blue' | 'green'
type Stat = Metric['stat']

/** Of our own that have traffic. Before the first release it is as if blue had it. */
export function watchedColours(release: Release): OwnColour[] {
  const colours = (['blue', 'green'] as const).filter((colour) => release[colour].weight > 0)
  return colours.length > 0 ? colours : ['blue']
}

/** What the load balancer says of the tasks of one colour. Its own 503 of the closed page is not in these. */
export const targets =
  ({ loadBalancerArnSuffix, targetGroupArnSuffixes }: LoadBalancing, colour: OwnColour) =>
  (name: string, stat: Stat): Metric => ({
    namespace: 'AWS/ApplicationELB',
    name,
    dimensions: { LoadBalancer: loadBalancerArnSuffix, TargetGroup: targetGroupArnSuffixes[colour] },
    stat,
  })

export const service =
  ({ clusterName }: Compute, serviceName: string) =>
  (name: 'CPUUtilization' | 'MemoryUtilization', stat: Stat): Metric => ({
    namespace: 'AWS/ECS',
    name,
    dimensions: { ClusterName: clusterName, ServiceName: serviceName },
    stat,
  })

export const database =
  ({ database: { instanceId } }: Data) =>
  (name: string, stat: Stat): Metric => ({
    namespace: 'AWS/RDS',
    name,
    dimensions: { DBInstanceIdentifier: instanceId },
    stat,
  })

/** Of a node, counted from 1; ElastiCache names it after its group. */
export const cacheNode =
  ({ cache: { groupId } }: Data, node: number) =>
  (name: string, stat: Stat): Metric => ({
    namespace: 'AWS/ElastiCache',
    name,
    dimensions: { CacheClusterId: `${groupId}-${String(node).padStart(3, '0')}` },
    stat,
  })

/** What the web and the worker publish; docs/operate.md has the meanings. */
export type PublishedName =
  'ActiveSessions' | 'QueueBacklog' | 'QueueAgeSeconds' | 'DeadJobs' | 'SourceCheckAgeSeconds' | 'BudgetUsedPercent'

export const published =
  (environment: string) =>
  (name: PublishedName, stat: Stat): Metric => ({
    namespace: 'Dayshift',
    name,
    dimensions: { Environment: environment },
    stat,
  })
