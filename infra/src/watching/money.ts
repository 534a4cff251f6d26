import { BudgetsBudget, CeAnomalyMonitor, CeAnomalySubscription, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'

/** Mails before the month costs more than it should, and when a day is unlike the days before. */
export function createMoneyWatch(stack: TerraformStack, plan: Plan, topicArn: string): void {
  const name = `dayshift-${plan.name}`
  const notify = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notificationType,
    threshold,
    thresholdType: 'PERCENTAGE',
    comparisonOperator: 'GREATER_THAN',
    subscriberSnsTopicArns: [topicArn],
  })
  new BudgetsBudget(stack, 'budget', {
    name,
    budgetType: 'COST',
    limitAmount: String(plan.budgetUsd),
    limitUnit: 'USD',
    timeUnit: 'MONTHLY',
    // A default tag of every resource; calls of models bear none, the application's own budget holds them.
    costFilter: [{ name: 'TagKeyValue', values: [`user:Environment$${plan.name}`] }],
    // Credits would hide what comes when they are used up.
    costTypes: { includeCredit: false, includeRefund: false },
    notification: [notify('ACTUAL', 50), notify('ACTUAL', 80), notify('ACTUAL', 100), notify('FORECASTED', 100)],
    tags: { Name: name },
  })
  // An account has one monitor of its services, for all environments and model calls, too.
  if (plan.production) watchForAnomalies(stack, plan, topicArn)
}

function watchForAnomalies(stack: TerraformStack, plan: Plan, topicArn: string): void {
  const name = `dayshift-${plan.name}`
  const monitor = new CeAnomalyMonitor(stack, 'anomalies', {
    name,
    monitorType: 'DIMENSIONAL',
    monitorDimension: 'SERVICE',
    tags: { Name: name },
  })
  new CeAnomalySubscription(stack, 'anomalies-mail', {
    name,
    monitorArnList: [monitor.arn],
    // At once is possible by SNS alone.
    frequency: 'IMMEDIATE',
    subscriber: [{ type: 'SNS', address: topicArn }],
    thresholdExpression: {
      dimension: {
        key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
        matchOptions: ['GREATER_THAN_OR_EQUAL'],
        // A tenth of the month.
        values: [String(Math.ceil(plan.budgetUsd / 10))],
      },
    },
    tags: { Name: name },
  })
}
