import type { Attributes } from '../subject.ts'
import { type Break, type Mutable, without } from './broken.ts'

const BUDGET = 'aws_budgets_budget'

/** The budget's name in the stack. */
const budgetOf = ({ json }: Mutable): Attributes => Object.values(json.resource![BUDGET]!)[0]!

const budget = (what: string, change: (budget: Attributes & { notification: Attributes[] }) => unknown): Break => ({
  rule: 'budget',
  what,
  mutate: (stack) => change(budgetOf(stack) as Attributes & { notification: Attributes[] }),
})

export const watchingBreaks: Break[] = [
  {
    rule: 'alarms-act',
    what: 'an alarm that tells nobody',
    mutate: ({ add }) => add('aws_cloudwatch_metric_alarm', 'more', { alarm_name: 'dayshift-production-more' }),
  },
  {
    rule: 'alarms-act',
    what: 'alarms that a composite joins, which tells nobody',
    mutate: ({ add }) => {
      add('aws_cloudwatch_metric_alarm', 'more', { alarm_name: 'dayshift-production-more' })
      add('aws_cloudwatch_composite_alarm', 'all', { alarm_rule: 'ALARM("dayshift-production-more")' })
    },
  },
  {
    rule: 'alarms-act',
    what: 'an alarm whose actions are off',
    mutate: ({ add }) =>
      add('aws_cloudwatch_metric_alarm', 'more', {
        alarm_name: 'dayshift-production-more',
        alarm_actions: ['${aws_sns_topic.alarms.arn}'],
        actions_enabled: false,
      }),
  },
  without('budget', BUDGET),
  without('budget', BUDGET, 'lodger'),
  budget('another limit', (found) => (found.limit_amount = '1000')),
  budget('no word at 80 %', (found) => {
    found.notification = found.notification.filter(({ threshold }) => threshold !== 80)
  }),
  budget('nothing foreseen', (found) => {
    found.notification = found.notification.filter((notice) => notice.notification_type !== 'FORECASTED')
  }),
  budget('words to nobody', (found) => {
    for (const notice of found.notification) {
      delete notice.subscriber_email_addresses
      delete notice.subscriber_sns_topic_arns
    }
  }),
  without('costs-watched', 'aws_ce_anomaly_monitor'),
  without('costs-watched', 'aws_ce_anomaly_subscription'),
]
