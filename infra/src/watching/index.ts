import type { TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Compute, Data, Edge, LoadBalancing, Watching } from '../parts.ts'
import type { Release } from '../release.ts'
import { createAlarms } from './alarms.ts'
import { createDashboard } from './dashboard.ts'
import { createMoneyWatch } from './money.ts'
import { createNotices } from './notices.ts'
import { createRollbackAlarms } from './rollback-alarms.ts'
import { createTopic } from './topic.ts'

/** What deployments look at, so it is made before the services: the topic and the alarms that send one back. */
export function prepareWatching(
  stack: TerraformStack,
  plan: Plan,
  { data, ...around }: { data: Data; loadBalancing: LoadBalancing; release: Release },
): Watching {
  const topicArn = createTopic(stack, plan, data.keyArn)
  return { topicArn, rollbackAlarmNames: createRollbackAlarms(stack, plan, { topicArn, ...around }) }
}

interface Around {
  data: Data
  compute: Compute
  loadBalancing: LoadBalancing
  edge: Pick<Edge, 'distributionId'>
  release: Release
  watching: Watching
}

/** Alarms, notices, dashboard, budget. */
export function createWatching(stack: TerraformStack, plan: Plan, { watching, ...around }: Around): void {
  const { topicArn, rollbackAlarmNames } = watching
  const backupRuleName = createNotices(stack, plan, { topicArn, data: around.data })
  const names = createAlarms(stack, plan, { topicArn, backupRuleName, ...around })
  const alarmNames = [...rollbackAlarmNames.web, ...rollbackAlarmNames.worker, ...names]
  createDashboard(stack, plan, { ...around, alarmNames })
  createMoneyWatch(stack, plan, topicArn)
}
