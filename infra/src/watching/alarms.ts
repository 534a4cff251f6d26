import type { TerraformStack } from '../aws.ts'
import type { Hours, Plan } from '../environment.ts'
import type { Compute, Data, LoadBalancing } from '../parts.ts'
import { isLive, type Release } from '../release.ts'
import { type Alarm, createAlarm, type Metric, most } from './alarm.ts'
import { onlyInHours } from './in-hours.ts'
import { cacheNode, database, published, service, targets, watchedColours } from './metrics.ts'

interface Watched {
  data: Data
  compute: Compute
  loadBalancing: LoadBalancing
  release: Release
  backupRuleName: string
}

/**
 * Alarms of an environment beside those of `createRollbackAlarms`. Each metric costs ten cents a month beyond the ten that are free.
 * Lodgers have none. What ought to run is watched only where it ought to: after the first release, and not in a sleeping environment.
 */
export function createAlarms(
  stack: TerraformStack,
  plan: Plan,
  { topicArn, ...watched }: Watched & { topicArn: string },
): string[] {
  if (plan.lodgesWith !== undefined) return []
  const runs = isLive(watched.release) && !plan.asleep
  const alarms = [
    ...workAlarms(plan),
    ...taskAlarms(watched),
    ...databaseAlarms(plan, watched.data),
    cacheMemory(plan, watched.data),
    ...(runs ? [sourceChecks(plan), webMissing(plan, watched)] : []),
    ...(plan.asleep ? [] : backups(plan, watched.backupRuleName)),
  ]
  return alarms.map((alarm) => createAlarm(stack, plan, topicArn, alarm))
}

/** A quarter of an hour, so that neither opening nor one long job is an alarm. */
const steady = { periodMinutes: 5, bad: 3, of: 3, missing: 'good' } as const
/** A state that lasts until somebody ends it. */
const lasting = { periodMinutes: 5, bad: 1, of: 1, missing: 'unchanged' } as const

function workAlarms(plan: Plan): Alarm[] {
  const metric = published(plan.name)
  const budget = { ...lasting, metrics: { used: metric('BudgetUsedPercent', 'Maximum') }, is: 'at least' } as const
  return [
    {
      ...lasting,
      name: 'dead-jobs',
      says: 'A job was given up after all its tries. The list of jobs has its error; it can be tried again there.',
      metrics: { dead: metric('DeadJobs', 'Maximum') },
      is: 'above',
      threshold: 0,
    },
    {
      ...budget,
      name: 'model-budget',
      says: 'A model budget is used by four fifths. At its end dearer models are replaced or refused.',
      threshold: 80,
    },
    {
      ...budget,
      name: 'model-budget-spent',
      says: 'A model budget is used up: calls are answered by cheaper models or refused.',
      threshold: 100,
    },
  ]
}

/**
 * Fires two hours after the last check: when its age has been above an hour and a half for half an hour. A worker that is dead says
 * nothing at all, so in the hours half an hour of silence is the same. The worker itself says 0 outside the hours.
 */
function sourceChecks({ name, hours, buys }: Plan): Alarm {
  // Silence counts as a day.
  const age = 'FILL(age, 86400)'
  return {
    name: 'source-checks',
    says: 'No source was checked for two hours, or the worker is silent. Is the database awake, and does the worker run?',
    metrics: { age: published(name)('SourceCheckAgeSeconds', 'Minimum') },
    expression: buys.worker.always ? age : onlyInHours(hours, 'age', age, 0),
    is: 'above',
    threshold: 5400,
    periodMinutes: 10,
    bad: 3,
    of: 3,
    missing: 'bad',
  }
}

/** With no task at all there is none that is unhealthy. */
function webMissing({ hours, buys }: Plan, { loadBalancing, release }: Watched): Alarm {
  const colours = watchedColours(release)
  const least = `MIN([${colours.map((colour) => `FILL(${colour}, 0)`).join(', ')}])`
  return {
    ...steady,
    name: 'web-missing',
    says: 'A colour of the web has traffic and no healthy task: people see the page for the night. Is the database awake?',
    metrics: Object.fromEntries(
      colours.map((colour) => [colour, targets(loadBalancing, colour)('HealthyHostCount', 'Minimum')]),
    ),
    expression: buys.web.always ? least : onlyInHours(hours, colours[0]!, least, 1),
    is: 'below',
    threshold: 1,
    missing: 'bad',
  }
}

/** Memory of the fullest task; processors on average, where scaling begins at 70 % and ends at the most tasks. */
const taskAlarms = ({ compute, release }: Watched): Alarm[] => [
  {
    ...steady,
    name: 'memory',
    says: 'A task of the web or the worker uses more than 90 percent of its memory; at 100 it is killed.',
    ...ofServices(compute, release, 'MemoryUtilization', 'Maximum'),
    is: 'above',
    threshold: 90,
  },
  {
    ...steady,
    name: 'cpu',
    says: 'The tasks of the web or the worker use more than 90 percent of their processors although they are scaled.',
    ...ofServices(compute, release, 'CPUUtilization', 'Average'),
    is: 'above',
    threshold: 90,
  },
]

function ofServices(
  compute: Compute,
  release: Release,
  name: 'CPUUtilization' | 'MemoryUtilization',
  stat: Metric['stat'],
): Pick<Alarm, 'metrics' | 'expression'> {
  const colours = watchedColours(release)
  const web = colours.map((colour) => [colour, service(compute, compute.webServiceNames[colour])(name, stat)] as const)
  return {
    metrics: { ...Object.fromEntries(web), worker: service(compute, compute.workerServiceName)(name, stat) },
    expression: most([...colours, 'worker']),
  }
}

function databaseAlarms({ buys }: Plan, data: Data): Alarm[] {
  const metric = database(data)
  return [
    {
      ...lasting,
      name: 'database-storage',
      // RDS makes it larger at 90 %, which costs and is never undone. Of the size it began with: a larger one warns later.
      says: 'The storage of the database is used by more than 85 percent. RDS makes it larger at 90; what grows?',
      metrics: { free: metric('FreeStorageSpace', 'Minimum') },
      is: 'below',
      threshold: Math.round(0.15 * buys.database.storageGb * 1024 ** 3),
    },
    {
      ...steady,
      name: 'database-cpu',
      says: 'The database uses more than 90 percent of its processor. Performance Insights names the statements.',
      metrics: { cpu: metric('CPUUtilization', 'Average') },
      is: 'above',
      threshold: 90,
    },
    {
      ...steady,
      name: 'database-connections',
      // RDS allows memory / 9,531,392 bytes: 112 in 1 GB, less what the machine itself takes of it. A process has ten.
      says: 'The database has more than 70 connections, and takes at most 112, or somewhat fewer. Which process keeps them?',
      metrics: { connections: metric('DatabaseConnections', 'Maximum') },
      is: 'above',
      threshold: 70,
    },
  ]
}

/** Of the fullest node. It never evicts, so there is nothing to watch about that. */
function cacheMemory({ buys }: Plan, data: Data): Alarm {
  const nodes = Array.from({ length: buys.cache.nodes }, (_, index) => index + 1)
  return {
    ...steady,
    name: 'cache-memory',
    says: 'The cache uses more than 80 percent of its memory. When it is full it refuses to write: jobs and sign-ins fail.',
    metrics: Object.fromEntries(
      nodes.map((node) => [`node_${node}`, cacheNode(data, node)('DatabaseMemoryUsagePercentage', 'Maximum')]),
    ),
    expression: most(nodes.map((node) => `node_${node}`)),
    is: 'above',
    threshold: 80,
  }
}

/**
 * RDS tells of a backup that is done, of none that failed or was never begun, so their absence is watched: for a day more than the
 * longest time between two open days. CloudWatch looks back seven days at most.
 */
function backups({ hours, buys }: Plan, ruleName: string): Alarm[] {
  const days = (buys.database.always ? 1 : longestPauseDays(hours)) + 1
  if (days > 7) return []
  const dimensions = { RuleName: ruleName }
  return [
    {
      name: 'backup-missing',
      says: 'RDS has finished no backup of the database when it should have. Does it run in its backup window?',
      metrics: { finished: { namespace: 'AWS/Events', name: 'TriggeredRules', dimensions, stat: 'Sum' } },
      is: 'below',
      threshold: 1,
      periodMinutes: 24 * 60,
      bad: days,
      of: days,
      missing: 'bad',
    },
  ]
}

/** From an open day to the next: 3 from Friday to Monday. */
function longestPauseDays({ days }: Hours): number {
  const week = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
  const open = week.flatMap((day, index) => (days.includes(day) ? [index] : []))
  return Math.max(...open.map((day, index) => (open[index + 1] ?? open[0]! + 7) - day))
}
