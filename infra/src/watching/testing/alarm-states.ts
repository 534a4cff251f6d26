import type { Attributes } from '../../testing/synthesize.ts'
import { evaluate } from './metric-math.ts'

interface Query {
  id: string
  expression?: string
  return_data: boolean
  metric?: { namespace: string; metric_name: string; dimensions: Record<string, string>; period: number; stat: string }
}

/** The value that a metric has for a period, undefined where it has none. */
export type World = (metric: NonNullable<Query['metric']>, from: Date, to: Date) => number | undefined

const breaks: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
}

/**
 * The moments at which an alarm goes off: periods one after another from `from`, each with what is missing in it treated as the alarm
 * says. Source: AWS, "Configuring how CloudWatch alarms treat missing data".
 */
export function goesOff(alarm: Attributes, world: World, from: Date, to: Date): Date[] {
  const queries = alarm.metric_query as Query[]
  const metrics = queries.filter(({ metric }) => metric)
  const watched = queries.find((query) => query.return_data)!
  const stepMs = metrics[0]!.metric!.period * 1000
  const points: (boolean | undefined)[] = []
  const found: Date[] = []
  let isOff = false
  for (let start = from.getTime(); start + stepMs <= to.getTime(); start += stepMs) {
    const [begin, end] = [new Date(start), new Date(start + stepMs)]
    const values = Object.fromEntries(metrics.map(({ id, metric }) => [id, world(metric!, begin, end)]))
    const value = watched.expression === undefined ? values[watched.id] : evaluate(watched.expression, values, begin)
    points.push(
      value === undefined ? missing(alarm) : breaks[String(alarm.comparison_operator)]!(value, Number(alarm.threshold)),
    )
    const recent = points.slice(-Number(alarm.evaluation_periods))
    // Kept as it is.
    if (recent.every((point) => point === undefined)) continue
    const off = recent.filter(Boolean).length >= Number(alarm.datapoints_to_alarm)
    if (off && !isOff) found.push(end)
    isOff = off
  }
  return found
}

const missing = ({ treat_missing_data: treat }: Attributes): boolean | undefined =>
  treat === 'ignore' ? undefined : treat === 'breaching'
