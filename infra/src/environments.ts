import { Bootstrap, Environment, type Plan, type Profile } from './environment.ts'
import { profiles } from './profiles.ts'

const hours = {
  timeZone: 'Europe/Berlin',
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'],
  from: '08:00',
  to: '18:00',
  warmUpMinutes: 30,
}
const models = {
  textModelId: 'anthropic.claude-haiku-5-5',
  embeddingModelId: 'amazon.titan-embed-text-v2:0',
  dailyBudgetUsd: 2,
  articlesPerMonth: 1000,
}

/** The environments. To make another one, or to change one, change its data; `npm run cost` says what that does to the price. */
export const environments: Environment[] = [
  {
    name: 'production',
    production: true,
    profile: 'economy',
    region: 'us-east-1',
    cidr: '10.20.0.0/16',
    hours,
    alarmEmail: 'alarms@example.org',
    budgetUsd: 60,
    models: { ...models, invocationLog: true },
    logDays: 30,
  },
  {
    name: 'staging',
    production: false,
    profile: 'economy',
    region: 'us-east-1',
    cidr: '10.20.0.0/16',
    hours,
    asleep: { wakeHoursPerMonth: 40 },
    lodgesWith: 'production',
    alarmEmail: 'alarms@example.org',
    budgetUsd: 10,
    models: { ...models, dailyBudgetUsd: 0.5 },
    logDays: 7,
  },
].map((data) => Environment.parse(data))

/** Of the account, once. The repository is the one whose workflows deploy. */
export const bootstrap: Bootstrap = Bootstrap.parse({
  region: 'us-east-1',
  repository: 'example/dayshift',
  environments: environments.map(({ name }) => name),
})

/** The plan of an environment, in its own profile or in another one. Throws when there is none of that name. */
export function getPlan(name: string, profile?: Profile['name']): Plan {
  const found = environments.find((environment) => environment.name === name)
  if (!found)
    throw new Error(`There is no environment ${name}; there are ${environments.map(({ name }) => name).join(', ')}.`)
  checkLodging(found)
  const chosen = profile ?? found.profile
  return { ...found, profile: chosen, buys: profiles[chosen] }
}

/** A lodger finds its host's subnets by the host's way out, and tokens of one region mean nothing in another. */
function checkLodging({ name, lodgesWith, region, egress }: Environment): void {
  if (lodgesWith === undefined) return
  const host = environments.find((environment) => environment.name === lodgesWith)
  if (!host || host.lodgesWith !== undefined)
    throw new Error(`${name} lodges with ${lodgesWith}: expected an environment with a network of its own.`)
  if (host.region !== region || host.egress !== egress)
    throw new Error(
      `${name} lodges with ${lodgesWith}: expected the region ${host.region} and the egress ${host.egress} of its host, ` +
        `came ${region} and ${egress}.`,
    )
}
