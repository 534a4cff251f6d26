import { ComparisonOperator, StandardUnit, Statistic } from '@aws-sdk/client-cloudwatch'
import { elements, text } from '../values.ts'
import {
  atMostOne,
  between,
  type Checks,
  enumerated,
  exactlyOne,
  matches,
  name,
  oneOf,
  type Relation,
  schedule,
} from './kinds.ts'

const enoughPoints: Relation = ({ datapoints_to_alarm: points, evaluation_periods: periods }) =>
  typeof points === 'number' && typeof periods === 'number' && points > periods
    ? { at: 'datapoints_to_alarm', fault: `expected at most evaluation_periods ${periods}; ${points} came` }
    : undefined

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
const period = {
  expected: '10, 20, 30 or a multiple of 60 seconds',
  holds: (value: string | number | boolean) =>
    [10, 20, 30].includes(Number(value)) || (Number(value) > 0 && Number(value) % 60 === 0),
}
const alarmName = matches(/^[^\p{Cc}]{1,255}$/u, 'at most 255 characters')

// https://docs.aws.amazon.com/cost-management/latest/APIReference/API_AnomalySubscription.html
const frequency: Relation = ({ frequency: how, subscriber }) => {
  const wanted = how === 'IMMEDIATE' ? 'SNS' : 'EMAIL'
  const wrong = elements(subscriber).find(({ type }) => typeof type === 'string' && type !== wanted)
  return (
    wrong && {
      at: 'subscriber',
      fault: `expected ${wanted} with the frequency ${text(how)}; ${text(wrong['type'])} came`,
    }
  )
}

/** Enumerations of CloudWatch come from its SDK; the others from the API references of Logs, EventBridge, SNS, Budgets and Cost Explorer. */
export const watching: Checks = {
  aws_cloudwatch_metric_alarm: {
    arguments: {
      alarm_name: alarmName,
      comparison_operator: enumerated(ComparisonOperator),
      statistic: enumerated(Statistic),
      unit: enumerated(StandardUnit),
      extended_statistic: matches(
        /^(p(\d{1,2}(\.\d{1,10})?|100)|(tm|tc|ts|wm|IQM|PR|TM|TC|TS|WM).*)$/,
        'a percentile such as p95',
      ),
      treat_missing_data: oneOf('missing', 'ignore', 'breaching', 'notBreaching'),
      period,
      'metric_query.metric.period': period,
      'metric_query.id': matches(/^[a-z]\w{0,254}$/, 'letters, digits and underscores, a small letter first'),
      evaluation_periods: between(1, 86_400),
    },
    relations: [
      enoughPoints,
      exactlyOne('metric_name', 'metric_query'),
      atMostOne('statistic', 'extended_statistic', 'metric_query'),
    ],
  },
  aws_cloudwatch_composite_alarm: { arguments: { alarm_name: alarmName } },
  aws_cloudwatch_dashboard: { arguments: { dashboard_name: name(255, '_-') } },
  aws_cloudwatch_log_group: {
    arguments: {
      name: name(512, '._/#-'),
      retention_in_days: oneOf([
        0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
      ]),
      log_group_class: oneOf('STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'),
    },
  },
  aws_cloudwatch_event_rule: {
    arguments: { name: name(64, '._-'), schedule_expression: schedule },
    relations: [atMostOne('name', 'name_prefix')],
  },
  aws_cloudwatch_event_target: {
    arguments: { target_id: name(64, '._-') },
    relations: [atMostOne('input', 'input_path', 'input_transformer')],
  },
  aws_sns_topic: { arguments: { name: name(256, '_.-') } },
  aws_sns_topic_subscription: {
    arguments: {
      protocol: oneOf('email', 'email-json', 'sqs', 'sms', 'http', 'https', 'application', 'lambda', 'firehose'),
    },
  },
  aws_budgets_budget: {
    arguments: {
      budget_type: oneOf(
        'USAGE',
        'COST',
        'RI_UTILIZATION',
        'RI_COVERAGE',
        'SAVINGS_PLANS_UTILIZATION',
        'SAVINGS_PLANS_COVERAGE',
      ),
      time_unit: oneOf('DAILY', 'MONTHLY', 'QUARTERLY', 'ANNUALLY', 'CUSTOM'),
      'notification.comparison_operator': oneOf('GREATER_THAN', 'LESS_THAN', 'EQUAL_TO'),
      'notification.threshold_type': oneOf('PERCENTAGE', 'ABSOLUTE_VALUE'),
      'notification.notification_type': oneOf('ACTUAL', 'FORECASTED'),
    },
  },
  aws_ce_anomaly_monitor: {
    arguments: {
      monitor_type: oneOf('DIMENSIONAL', 'CUSTOM'),
      monitor_dimension: oneOf('SERVICE', 'LINKED_ACCOUNT', 'TAG', 'COST_CATEGORY'),
    },
    relations: [exactlyOne('monitor_dimension', 'monitor_specification')],
  },
  aws_ce_anomaly_subscription: {
    arguments: { frequency: oneOf('DAILY', 'IMMEDIATE', 'WEEKLY'), 'subscriber.type': oneOf('EMAIL', 'SNS') },
    relations: [frequency],
  },
}
