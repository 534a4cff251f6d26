import type { Plan } from '../src/environment.ts'
import { type Rule, show, type Violation } from './rule.ts'
import { needed, referred, type Resource, type Subject, value, values } from './subject.ts'

/** What a budget must say before it is too late: actual costs, and what AWS foresees. */
const notices = [
  ['ACTUAL', 50],
  ['ACTUAL', 80],
  ['ACTUAL', 100],
  ['FORECASTED', 100],
] as const

function budget({ address, attributes }: Resource, plan: Plan): Violation[] {
  const given = values(attributes, 'notification')
  const says = (type: string, percent: number): boolean =>
    given.some(
      (notice) =>
        value(notice, 'notification_type') === type &&
        Number(value(notice, 'threshold')) === percent &&
        value(notice, 'threshold_type') === 'PERCENTAGE' &&
        value(notice, 'comparison_operator') === 'GREATER_THAN' &&
        [...values(notice, 'subscriber_email_addresses'), ...values(notice, 'subscriber_sns_topic_arns')].length > 0,
    )
  return [
    ...(Number(attributes.limit_amount) === plan.budgetUsd && attributes.time_unit === 'MONTHLY'
      ? []
      : [
          {
            address,
            expected: `limit_amount = ${plan.budgetUsd} MONTHLY`,
            came: `${show(attributes.limit_amount)} ${show(attributes.time_unit)}`,
          },
        ]),
    ...notices
      .filter(([type, percent]) => !says(type, percent))
      .map(([type, percent]) => ({
        address,
        expected: `a notice to somebody above ${percent} % ${type}`,
        came: 'nothing',
      })),
  ]
}

const alarms = (subject: Subject): Resource[] =>
  subject.of('aws_cloudwatch_metric_alarm', 'aws_cloudwatch_composite_alarm')

/** Whether a composite alarm that does something has this one among its own. */
const isJoined = (subject: Subject, alarm: Resource): boolean =>
  subject
    .of('aws_cloudwatch_composite_alarm')
    .some(
      ({ attributes }) =>
        values(attributes, 'alarm_actions').length > 0 &&
        (referred([alarm], attributes.alarm_rule).length > 0 ||
          String(attributes.alarm_rule).includes(`"${String(alarm.attributes.alarm_name)}"`)),
    )

export const watchingRules: Rule[] = [
  {
    id: 'alarms-act',
    number: 46,
    says: 'Every alarm tells somebody, itself or by another one that joins several.',
    sources: ['CKV_AWS_319'],
    check: (subject) => [
      ...alarms(subject)
        .filter((alarm) => values(alarm.attributes, 'alarm_actions').length === 0 && !isJoined(subject, alarm))
        .map(({ address }) => ({ address, expected: 'alarm_actions', came: 'nothing' })),
      ...alarms(subject)
        .filter(({ attributes }) => String(attributes.actions_enabled) === 'false')
        .map(({ address }) => ({ address, expected: 'actions_enabled = true', came: 'false' })),
    ],
  },
  {
    id: 'budget',
    says: 'Every environment has a budget, which speaks at 50, 80 and 100 % and when AWS foresees 100 %.',
    sources: ['docs.aws.amazon.com/cost-management/latest/userguide/budgets-create.html'],
    check: (subject, plan) =>
      plan
        ? [
            ...needed(subject, 'aws_budgets_budget', 'a budget'),
            ...subject.of('aws_budgets_budget').flatMap((found) => budget(found, plan)),
          ]
        : [],
  },
  {
    id: 'costs-watched',
    says: 'Production watches the costs of the account for what is unusual.',
    sources: ['docs.aws.amazon.com/cost-management/latest/userguide/manage-ad.html'],
    check: (subject, plan) =>
      plan?.production
        ? [
            ...needed(subject, 'aws_ce_anomaly_monitor', 'a monitor of unusual costs'),
            ...needed(subject, 'aws_ce_anomaly_subscription', 'somebody who hears of unusual costs'),
            ...subject
              .of('aws_ce_anomaly_subscription')
              .filter(({ attributes }) => values(attributes, 'subscriber.address').length === 0)
              .map(({ address }) => ({ address, expected: 'subscriber', came: 'nothing' })),
          ]
        : [],
  },
]
