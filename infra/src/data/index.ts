import type { TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Data, Network } from '../parts.ts'
import { createBackupPlan } from './backup-plan.ts'
import { createBuckets } from './buckets.ts'
import { createCache, joinCache } from './cache.ts'
import { createDatabase } from './database.ts'
import { createInvocationLog } from './invocation-log.ts'

interface Parts {
  network: Network
  keyArn: string | undefined
}

/** Everything of an environment that is worth keeping. */
export function createData(stack: TerraformStack, plan: Plan, { network, keyArn }: Parts): Data {
  const buckets = createBuckets(stack, plan, keyArn)
  const database = createDatabase(stack, plan, { network, keyArn })
  if (plan.buys.backupPlan && plan.production) createBackupPlan(stack, plan, { databaseArn: database.arn, keyArn })
  const cache =
    plan.lodgesWith === undefined
      ? createCache(stack, plan, { network, keyArn })
      : joinCache(stack, plan, plan.lodgesWith)
  if (plan.models.invocationLog) createInvocationLog(stack, buckets.logs)
  const invocationLogsBucket = plan.models.invocationLog ? buckets.logs.name : undefined
  return { database, cache, buckets, invocationLogsBucket, keyArn }
}
