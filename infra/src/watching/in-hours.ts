import type { Hours } from '../environment.ts'
import { openInEverySeason } from '../schedule.ts'

/**
 * An expression that is `value` in the hours and `closed` otherwise. `metricId` is one of the alarm's metrics, for the time alone:
 * the functions are in UTC, DAY is 1 on Monday, and they have values where the metric has none. The condition is false in the
 * hours because CloudWatch makes 0 of a missing value in the branch that is true, and leaves it missing in the other.
 * Source: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html.
 */
export function onlyInHours(hours: Hours, metricId: string, value: string, closed: number): string {
  const daysByTime = new Map<string, string[]>()
  const minute = `HOUR(${metricId}) * 60 + MINUTE(${metricId})`
  for (const { day, from, to } of openInEverySeason(hours)) {
    const time = `${minute} >= ${from} && ${minute} < ${to}`
    daysByTime.set(time, [...(daysByTime.get(time) ?? []), `DAY(${metricId}) == ${day}`])
  }
  const open = [...daysByTime].map(([time, days]) => `((${days.join(' || ')}) && ${time})`).join(' || ')
  return `IF((${open}) == 0, ${closed}, ${value})`
}
