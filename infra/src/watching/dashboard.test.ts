import { describe, expect, test } from 'vitest'
import { environmentOf, released } from '../testing/environment.ts'
import type { Synthesized } from '../testing/synthesize.ts'

interface Widget {
  type: 'alarm' | 'metric'
  x: number
  y: number
  width: number
  height: number
  properties: { alarms?: string[]; metrics?: unknown[][]; region?: string }
}
const widgetsOf = ({ get }: Synthesized) =>
  (JSON.parse(String(get('aws_cloudwatch_dashboard', 'dashboard').dashboard_body)) as { widgets: Widget[] }).widgets
const production = environmentOf(released, 'production', 'economy')
const staging = environmentOf(released, 'staging', 'economy')

describe('the dashboard', () => {
  test.each([
    ['production', production],
    ['staging', staging],
  ])('of %s has what is free, 50 metrics, and its widgets side by side', (_, stack) => {
    const widgets = widgetsOf(stack)
    const metrics = widgets.flatMap(({ properties }) => properties.metrics ?? [])
    expect(metrics.length).toBeGreaterThan(25)
    expect(metrics.length).toBeLessThanOrEqual(50)
    // CloudWatch's grid is 24 wide.
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24)
    expect(new Set(widgets.map(({ x, y }) => `${x},${y}`)).size).toBe(widgets.length)
  })

  test('shows every alarm there is', () => {
    const [shown] = widgetsOf(production).flatMap(({ properties }) => (properties.alarms ? [properties.alarms] : []))
    const arns = Object.keys(production.all('aws_cloudwatch_metric_alarm')).map((name) =>
      expect.stringContaining(`:alarm:\${aws_cloudwatch_metric_alarm.${name}.alarm_name}`),
    )
    expect(shown).toHaveLength(arns.length)
    expect(shown).toEqual(expect.arrayContaining(arns))
  })

  test('of a lodger has no alarms and not the cache of its host', () => {
    const text = JSON.stringify(widgetsOf(staging))
    expect(text).not.toContain('"type":"alarm"')
    expect(text).not.toContain('AWS/ElastiCache')
  })

  test('writes a metric as CloudWatch reads it', () => {
    const metrics = widgetsOf(production).flatMap(({ properties }) => properties.metrics ?? [])
    expect(metrics).toContainEqual([
      'Dayshift',
      'QueueBacklog',
      'Environment',
      'production',
      { label: 'QueueBacklog', stat: 'Maximum' },
    ])
    // What CloudFront measures is in us-east-1, wherever the environment is.
    expect(metrics).toContainEqual([
      'AWS/CloudFront',
      'Requests',
      'Region',
      'Global',
      'DistributionId',
      '${aws_cloudfront_distribution.distribution.id}',
      { label: 'requests', stat: 'Sum', region: 'us-east-1' },
    ])
  })
})
