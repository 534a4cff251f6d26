import type { TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { LoadBalancing, Watching } from '../parts.ts'
import type { Release } from '../release.ts'
import { type Alarm, createAlarm, type Metric, most } from './alarm.ts'
import { published, targets, watchedColours } from './metrics.ts'

interface Around {
  topicArn: string
  loadBalancing: LoadBalancing
  release: Release
}

/** With fewer requests in a minute than this, two slow ones can be the slowest twentieth. */
const ENOUGH_REQUESTS = 30

/**
 * Alarms that also send back a deployment, and a shift of weights. They are quick, two of three minutes, and look at the colours that
 * have traffic. Lodgers have none: what of alarms is free is their host's.
 */
export function createRollbackAlarms(
  stack: TerraformStack,
  plan: Plan,
  { topicArn, ...around }: Around,
): Watching['rollbackAlarmNames'] {
  if (plan.lodgesWith !== undefined) return { web: [], worker: [] }
  const create = (alarm: Alarm): string => createAlarm(stack, plan, topicArn, alarm)
  return { web: webAlarms(around).map(create), worker: [create(queueAge(plan))] }
}

function webAlarms({ loadBalancing, release }: Pick<Around, 'loadBalancing' | 'release'>): Alarm[] {
  const colours = watchedColours(release)
  const ofEach = (prefix: string, name: string, stat: Metric['stat']): Record<string, Metric> =>
    Object.fromEntries(
      colours.map((colour) => [`${prefix}_${colour}`, targets(loadBalancing, colour)(name, stat)] as const),
    )
  const quick = { periodMinutes: 1, bad: 2, of: 3, missing: 'good' } as const
  return [
    {
      ...quick,
      name: 'web-errors',
      says: 'The web answers with 5xx, more than 10 times a minute. Its log has the reason, by x-request-id.',
      metrics: ofEach('errors', 'HTTPCode_Target_5XX_Count', 'Sum'),
      expression: most(colours.map((colour) => `errors_${colour}`)),
      is: 'above',
      threshold: 10,
    },
    {
      ...quick,
      name: 'web-latency',
      // Streams count until their first byte. A colour that has no such minute has 0.
      says: `One in twenty answers of the web takes longer than 3 s to begin, among ${ENOUGH_REQUESTS} or more a minute. Look at the processors of web and database, and at slow statements in its log.`,
      metrics: {
        ...ofEach('slow', 'TargetResponseTime', 'p95'),
        ...ofEach('requests', 'TargetResponseTime', 'SampleCount'),
      },
      expression: most(colours.map((colour) => `IF(requests_${colour} >= ${ENOUGH_REQUESTS}, slow_${colour}, 0)`)),
      is: 'above',
      threshold: 3,
    },
    {
      ...quick,
      name: 'web-unhealthy',
      says: 'A task of the web fails its health check, GET /health. The events of its service and its log say why.',
      metrics: ofEach('unhealthy', 'UnHealthyHostCount', 'Maximum'),
      expression: most(colours.map((colour) => `unhealthy_${colour}`)),
      is: 'above',
      threshold: 0,
    },
  ]
}

/**
 * The least of a period counts, so that what waited through the night is forgiven when it is taken soon after opening. Half an hour is
 * the time between two checks of a source: jobs that wait longer are overtaken by the next ones.
 */
const queueAge = (plan: Plan): Alarm => ({
  name: 'queue-age',
  says: 'A job has waited for half an hour: the workers are too few, or stuck. See the list of jobs, and the log of the worker.',
  metrics: { age: published(plan.name)('QueueAgeSeconds', 'Minimum') },
  is: 'above',
  threshold: 1800,
  periodMinutes: 5,
  bad: 3,
  of: 3,
  missing: 'good',
})
