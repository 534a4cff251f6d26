import { CloudwatchDashboard, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Compute, Data, Edge, LoadBalancing } from '../parts.ts'
import type { Metric } from './alarm.ts'
import { cacheNode, database, type PublishedName, published, service, targets } from './metrics.ts'
import { alarmArn } from './topic.ts'

interface Around {
  data: Data
  compute: Compute
  loadBalancing: LoadBalancing
  edge: Pick<Edge, 'distributionId'>
  alarmNames: string[]
}

/** By what a line is called. */
type Lines = Record<string, Metric>
const WIDTH = 8
const HEIGHT = 6

/** One page on which an environment is seen; three of up to 50 metrics are free in an account. */
export function createDashboard(stack: TerraformStack, plan: Plan, { alarmNames, ...around }: Around): void {
  const alarmArns = alarmNames.map((alarm) => alarmArn(stack, plan, alarm))
  const place = (index: number) => ({
    x: (index % 3) * WIDTH,
    y: Math.floor(index / 3) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
  })
  const alarms = { type: 'alarm', properties: { title: 'Alarms', alarms: alarmArns } }
  const graphs = Object.entries(graphsOf(plan, around)).map(([title, lines]) => ({
    type: 'metric',
    properties: {
      title,
      region: plan.region,
      period: 60,
      view: 'timeSeries',
      yAxis: { left: { min: 0 } },
      metrics: Object.entries(lines).map(([label, metric]) => rowOf(label, metric)),
    },
  }))
  const widgets = [...(alarmArns.length > 0 ? [alarms] : []), ...graphs]
  new CloudwatchDashboard(stack, 'dashboard', {
    dashboardName: `dayshift-${plan.name}`,
    dashboardBody: JSON.stringify({
      start: '-PT12H',
      widgets: widgets.map((widget, index) => ({ ...widget, ...place(index) })),
    }),
  })
}

const rowOf = (label: string, { namespace, name, dimensions, stat }: Metric) => [
  namespace,
  name,
  ...Object.entries(dimensions).flat(),
  { label, stat, ...(namespace === 'AWS/CloudFront' && { region: 'us-east-1' }) },
]

function graphsOf(
  plan: Plan,
  { data, compute, loadBalancing, edge }: Omit<Around, 'alarmNames'>,
): Record<string, Lines> {
  const work = published(plan.name)
  const worked = (...names: PublishedName[]): Lines =>
    Object.fromEntries(names.map((name) => [name, work(name, 'Maximum')]))
  const byColour = (labels: [label: string, name: string, stat: Metric['stat']][]): Lines =>
    Object.fromEntries(
      (['blue', 'green'] as const).flatMap((colour) =>
        labels.map(
          ([label, name, stat]) => [`${label} ${colour}`, targets(loadBalancing, colour)(name, stat)] as const,
        ),
      ),
    )
  const services = { ...compute.webServiceNames, worker: compute.workerServiceName }
  const byService = (name: 'CPUUtilization' | 'MemoryUtilization'): Lines =>
    Object.fromEntries(
      Object.entries(services).map(([label, serviceName]) => [label, service(compute, serviceName)(name, 'Maximum')]),
    )
  const fromDatabase = database(data)
  const fromEdge = (name: string, stat: Metric['stat']): Metric => ({
    namespace: 'AWS/CloudFront',
    name,
    dimensions: { Region: 'Global', DistributionId: edge.distributionId },
    stat,
  })
  return {
    'Requests of browsers': { requests: fromEdge('Requests', 'Sum'), '5xx, %': fromEdge('5xxErrorRate', 'Average') },
    'Requests of the web': byColour([
      ['requests', 'RequestCount', 'Sum'],
      ['5xx', 'HTTPCode_Target_5XX_Count', 'Sum'],
    ]),
    'Time to answer, s': byColour([
      ['half', 'TargetResponseTime', 'p50'],
      ['95 %', 'TargetResponseTime', 'p95'],
    ]),
    'Tasks of the web': byColour([
      ['healthy', 'HealthyHostCount', 'Minimum'],
      ['unhealthy', 'UnHealthyHostCount', 'Maximum'],
    ]),
    'Processors, %': byService('CPUUtilization'),
    'Memory, %': byService('MemoryUtilization'),
    'People and jobs': worked('ActiveSessions', 'QueueBacklog', 'DeadJobs'),
    'Waiting, s': worked('QueueAgeSeconds', 'SourceCheckAgeSeconds'),
    'Model budget, %': worked('BudgetUsedPercent'),
    'Database: processor, %, and connections': {
      processor: fromDatabase('CPUUtilization', 'Average'),
      connections: fromDatabase('DatabaseConnections', 'Maximum'),
    },
    'Database: memory and storage left, bytes': {
      memory: fromDatabase('FreeableMemory', 'Minimum'),
      storage: fromDatabase('FreeStorageSpace', 'Minimum'),
    },
    ...(plan.lodgesWith === undefined && {
      Cache: {
        'memory, %': cacheNode(data, 1)('DatabaseMemoryUsagePercentage', 'Maximum'),
        'processor, %': cacheNode(data, 1)('EngineCPUUtilization', 'Maximum'),
        connections: cacheNode(data, 1)('CurrConnections', 'Maximum'),
      },
    }),
  }
}
