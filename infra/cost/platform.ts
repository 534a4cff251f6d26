import { App, type TerraformStack, Testing } from '../src/aws.ts'
import type { Plan } from '../src/environment.ts'
import { delivery } from '../src/delivery/settings.ts'
import { bootstrap, environments, getPlan } from '../src/environments.ts'
import { parseRelease, type Release } from '../src/release.ts'
import { taskHoursPerMonth } from '../src/schedule.ts'
import { BootstrapStack, DeliveryStack, EnvironmentStack } from '../src/stack.ts'
import type { Stack } from './charge.ts'
import { type Calls, type Estimate, estimateOf, type ProfileName } from './estimate.ts'
import { modelCharges } from './models.ts'
import { priceList } from './prices.ts'
import { readSynth, type Resource } from './resources.ts'
import { type Usage, usageOf } from './usage.ts'
import { MONTH_HOURS } from './weekly.ts'

const digest = `sha256:${'0'.repeat(64)}`
/** One colour has all traffic: between two releases, and the price of a month. */
const settled: Release = parseRelease({
  active: 'blue',
  former: null,
  blue: { images: { web: digest, worker: digest }, weight: 100 },
  green: { images: null, weight: 0 },
})

/** What the account has once. */
const accountStacks: Record<string, (app: App) => TerraformStack> = {
  bootstrap: (app) => new BootstrapStack(app, bootstrap, {}),
  delivery: (app) => new DeliveryStack(app, delivery, {}),
}

/** Everything that has a price, in the order in which it takes of what an account has for nothing. */
export const stackNames = [...environments.map(({ name }) => name), ...Object.keys(accountStacks)]

/** Resources to take in place of those that would be synthesized. */
export interface Planned {
  environment: string
  resources: Resource[]
}

/**
 * What an account pays when production has the profile. The other environments keep their own: a sleeping lodger gains nothing
 * from a dearer one. Model calls are priced with the models that live at `now`.
 */
export function estimatePlatform(profile: ProfileName, now: Date, planned?: Planned): Estimate {
  const stacks = stackNames.map((name): Stack => {
    const resources = planned?.environment === name ? planned.resources : readSynth(synthesize(name, profile))
    return { environment: name, resources, usage: usageFor(name) }
  })
  const calls = environments.flatMap(({ name }) => callsOf(planOf(name, profile), now))
  return estimateOf(profile, stacks, calls, priceList)
}

/** A stack in Terraform's JSON. */
export function synthesize(name: string, profile: ProfileName): unknown {
  const app = new App({ outdir: '/nonexistent' })
  const stack = accountStacks[name]?.(app) ?? new EnvironmentStack(app, planOf(name, profile), settled, {})
  return JSON.parse(Testing.synth(stack, true))
}

function planOf(name: string, profile: ProfileName): Plan {
  const own = getPlan(name)
  return own.production ? getPlan(name, profile) : own
}

function usageFor(name: string): Usage {
  const asleep = environments.find((environment) => environment.name === name)?.asleep
  const kind = name in accountStacks ? 'account' : asleep ? 'asleep' : 'awake'
  return usageOf(kind, asleep?.wakeHoursPerMonth)
}

/** A sleeping environment reads its share of the articles. */
function callsOf({ name, models, asleep, hours, buys }: Plan, now: Date): Calls[] {
  const openHours = buys.worker.always ? MONTH_HOURS : taskHoursPerMonth(hours)
  const share = asleep ? Math.min(1, asleep.wakeHoursPerMonth / openHours) : 1
  const articles = Math.round(models.articlesPerMonth * share)
  return modelCharges(models, articles, now).map((charge) => ({ environment: name, charge }))
}
