import { CloudwatchMetricAlarm, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'

/** One of CloudWatch's metrics, and how a period's samples become one number. */
export interface Metric {
  namespace: string
  name: string
  dimensions: Record<string, string>
  stat: 'Average' | 'Maximum' | 'Minimum' | 'Sum' | 'SampleCount' | `p${number}`
}

/** What is to be noticed. CloudWatch charges each metric of it. */
export interface Alarm {
  /** Without the environment: `web-errors`. */
  name: string
  /** In the mail: what it means, and where to look. */
  says: string
  /** By the ids that the expression names them with. */
  metrics: Record<string, Metric>
  /** Needed where there are several metrics. */
  expression?: string
  is: 'above' | 'at least' | 'below'
  threshold: number
  periodMinutes: number
  /** So many periods … */
  bad: number
  /** … of so many in a row. */
  of: number
  /** What a period without a value is. `unchanged` keeps a lasting trouble from being told anew each morning. */
  missing: 'good' | 'bad' | 'unchanged'
}

const comparisons = {
  above: 'GreaterThanThreshold',
  'at least': 'GreaterThanOrEqualToThreshold',
  below: 'LessThanThreshold',
}
const missingData = { good: 'notBreaching', bad: 'breaching', unchanged: 'ignore' }

/** Gives its name, with the environment. */
export function createAlarm(stack: TerraformStack, plan: Plan, topicArn: string, alarm: Alarm): string {
  const name = `dayshift-${plan.name}-${alarm.name}`
  const { expression, metrics } = alarm
  return new CloudwatchMetricAlarm(stack, `alarm-${alarm.name}`, {
    alarmName: name,
    alarmDescription: alarm.says,
    metricQuery: [
      ...Object.entries(metrics).map(([id, { name: metricName, ...metric }]) => ({
        id,
        metric: { ...metric, metricName, period: alarm.periodMinutes * 60 },
        returnData: expression === undefined,
      })),
      ...(expression === undefined ? [] : [{ id: 'watched', label: alarm.name, expression, returnData: true }]),
    ],
    comparisonOperator: comparisons[alarm.is],
    threshold: alarm.threshold,
    datapointsToAlarm: alarm.bad,
    evaluationPeriods: alarm.of,
    treatMissingData: missingData[alarm.missing],
    // None when it is over: each evening ends what only the day can show.
    alarmActions: [topicArn],
    tags: { Name: name },
  }).alarmName
}

/** Of several values the greatest; what is missing in a period is 0. */
export const most = (values: string[]): string => `MAX([${values.map((value) => `FILL(${value}, 0)`).join(', ')}])`
