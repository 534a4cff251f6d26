import { createData } from '../data/index.ts'
import type { Plan } from '../environment.ts'
import { getPlan } from '../environments.ts'
import { createKey } from '../keys.ts'
import { createFlowLogs, createNetwork, joinNetwork } from '../network.ts'
import { synthesize, type Synthesized } from './synthesize.ts'

/** The plan of production, or of staging that lodges with it, in this profile and with these changes. */
export function planOf(
  name: 'production' | 'staging',
  profile: Plan['profile'],
  changes: Partial<Omit<Plan, 'name' | 'profile'>> = {},
): Plan {
  return { ...getPlan(name, profile), ...changes }
}

/** Key, network and data of an environment, put together as its stack does. */
export function foundation(...about: Parameters<typeof planOf>): Synthesized {
  return synthesize(planOf(...about), (stack, plan) => {
    const keyArn = createKey(stack, plan)
    const lodging = plan.lodgesWith !== undefined
    const network = lodging ? joinNetwork(stack, plan) : createNetwork(stack, plan)
    const { buckets } = createData(stack, plan, { network, keyArn })
    if (!lodging) createFlowLogs(stack, plan, { network, logs: buckets.logs })
  })
}
