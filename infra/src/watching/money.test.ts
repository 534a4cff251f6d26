import { describe, expect, test } from 'vitest'
import { environmentOf, released } from '../testing/environment.ts'

const production = environmentOf(released, 'production', 'economy')
const staging = environmentOf(released, 'staging', 'economy')
const topic = '${aws_sns_topic_policy.alarms-policy.arn}'

describe('the budget', () => {
  test('of each environment warns at 50, 80 and 100 percent, and when 100 are to be expected', () => {
    const { notification, ...budget } = production.get('aws_budgets_budget', 'budget')
    const warn = (notification_type: string, threshold: number) => ({
      notification_type,
      threshold,
      threshold_type: 'PERCENTAGE',
      comparison_operator: 'GREATER_THAN',
      subscriber_sns_topic_arns: [topic],
    })
    expect(notification).toEqual([warn('ACTUAL', 50), warn('ACTUAL', 80), warn('ACTUAL', 100), warn('FORECASTED', 100)])
    expect(budget).toMatchObject({ budget_type: 'COST', time_unit: 'MONTHLY', limit_amount: '60', limit_unit: 'USD' })
    expect(staging.get('aws_budgets_budget', 'budget')).toMatchObject({ notification, limit_amount: '10' })
  })

  test.each([
    ['production', production],
    ['staging', staging],
  ])('counts what has the tag of %s, before credits', (name, { get, json }) => {
    expect(get('aws_budgets_budget', 'budget')).toMatchObject({
      cost_filter: [{ name: 'TagKeyValue', values: [`user:Environment$${name}`] }],
      cost_types: { include_credit: false, include_refund: false },
    })
    // The tag that the provider puts on everything.
    expect((json as { provider?: unknown }).provider).toMatchObject({
      aws: [{ default_tags: [{ tags: { Environment: name } }] }],
    })
  })
})

describe('unusual costs', () => {
  test('are looked for once in the account, and told at once from a tenth of the month’s budget on', () => {
    expect(production.get('aws_ce_anomaly_monitor', 'anomalies')).toMatchObject({
      monitor_type: 'DIMENSIONAL',
      monitor_dimension: 'SERVICE',
    })
    expect(production.get('aws_ce_anomaly_subscription', 'anomalies-mail')).toMatchObject({
      frequency: 'IMMEDIATE',
      subscriber: [{ type: 'SNS', address: topic }],
      monitor_arn_list: ['${aws_ce_anomaly_monitor.anomalies.arn}'],
      threshold_expression: {
        dimension: { key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE', match_options: ['GREATER_THAN_OR_EQUAL'], values: ['6'] },
      },
    })
    expect(staging.all('aws_ce_anomaly_monitor')).toEqual({})
    expect(staging.all('aws_ce_anomaly_subscription')).toEqual({})
  })
})
