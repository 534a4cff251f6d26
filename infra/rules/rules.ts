import { bucketRules } from './buckets.ts'
import { cacheRules } from './cache.ts'
import { cloudFrontRules } from './cloudfront.ts'
import { databaseRules } from './database.ts'
import { everythingRules } from './everything.ts'
import { identityRules } from './identities.ts'
import { loadBalancerRules } from './load-balancer.ts'
import { logAndKeyRules } from './logs-and-keys.ts'
import { networkRules } from './network.ts'
import type { Rule } from './rule.ts'
import { scheduleRules } from './schedule.ts'
import { taskRules } from './tasks.ts'
import { trafficRules } from './traffic.ts'
import { watchingRules } from './watching.ts'

/** All rules; those with a number are the list that scanners know, in its order. */
export const rules: Rule[] = [
  ...loadBalancerRules,
  ...cloudFrontRules,
  ...databaseRules,
  ...cacheRules,
  ...bucketRules,
  ...networkRules,
  ...taskRules,
  ...identityRules,
  ...logAndKeyRules,
  ...watchingRules,
  ...scheduleRules,
  ...trafficRules,
  ...everythingRules,
].sort((a, b) => (a.number ?? 100) - (b.number ?? 100))
