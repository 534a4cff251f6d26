import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Testing } from '../../src/aws.ts'
import { delivery } from '../../src/delivery/settings.ts'
import type { Plan } from '../../src/environment.ts'
import { bootstrap } from '../../src/environments.ts'
import { profiles } from '../../src/profiles.ts'
import type { Release } from '../../src/release.ts'
import { BootstrapStack, DeliveryStack } from '../../src/stack.ts'
import { environmentOf, released, shifted, takingOver, unreleased } from '../../src/testing/environment.ts'
import { planOf } from '../../src/testing/foundation.ts'
import type { StackJson } from '../subject.ts'

/** A stack to hold to the rules. One of the account has no plan. */
export interface Candidate {
  name: string
  json: () => StackJson
  plan: Plan | undefined
}

const candidate = (what: string, release: Release, ...about: Parameters<typeof planOf>): Candidate => ({
  name: `${about[0]} in ${about[1]}, ${what}`,
  json: () => environmentOf(release, ...about).json,
  plan: planOf(...about),
})

/** All environments in all profiles. */
export const committed: Candidate[] = (['production', 'staging'] as const).flatMap((name) =>
  Object.values(profiles).map((profile) => candidate('released', released, name, profile.name)),
)

const account = (stack: BootstrapStack | DeliveryStack): Candidate => ({
  name: stack.node.id,
  json: () => JSON.parse(Testing.synth(stack, true)) as StackJson,
  plan: undefined,
})

// An app makes its folder at once; nothing is written into it here.
const app = new App({ outdir: join(tmpdir(), 'dayshift-rules') })

/** What an account has once. */
export const accounts: Candidate[] = [
  account(new BootstrapStack(app, bootstrap, {})),
  account(new DeliveryStack(app, delivery, {})),
]

const arn = (resource: string): string => `arn:aws:${resource}`
const hours = planOf('production', 'economy').hours

/** What else the data of an environment and a release can say. */
export const options: Candidate[] = [
  candidate('before the first release', unreleased, 'production', 'economy'),
  candidate('in the middle of a shift', shifted(10), 'production', 'economy'),
  candidate('in the middle of a shift', shifted(10), 'staging', 'economy'),
  candidate('with a NAT gateway', released, 'production', 'ha', { egress: 'nat-gateway' }),
  candidate('with a key of its own', released, 'production', 'ha', { ownKey: true }),
  candidate('with a NAT instance', released, 'production', 'economy', { egress: 'nat-instance' }),
  candidate('with a domain of its own', released, 'production', 'economy', {
    domain: { name: 'dayshift.example.org', zoneId: 'Z0000000EXAMPLE' },
  }),
  candidate('with a certificate of its own', released, 'production', 'economy', {
    domain: { name: 'dayshift.example.org', certificateArn: arn('acm:us-east-1:123456789012:certificate/1') },
  }),
  candidate('for one country', released, 'production', 'economy', { countries: ['DE'] }),
  candidate('awake', released, 'staging', 'standard', { asleep: undefined }),
  candidate('with a network of its own', released, 'staging', 'economy', { lodgesWith: undefined }),
  ...(
    [
      { type: 'ip', addresses: ['10.20.128.5'], port: 80 },
      { type: 'instance', instanceIds: ['i-0123456789abcdef0'], port: 80 },
      {
        type: 'load-balancer',
        arn: arn('elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/old/1'),
        port: 80,
      },
    ] as const
  ).map((target) => candidate(`taking over from an ${target.type}`, takingOver(target, 10), 'production', 'economy')),
  ...(
    [
      { timeZone: 'America/New_York' },
      { timeZone: 'Pacific/Auckland' },
      { timeZone: 'Asia/Kathmandu' },
      { from: '00:10', to: '09:00' },
      { from: '09:00', to: '23:55' },
      { warmUpMinutes: 20 },
      { days: ['Sat'] },
      { days: ['Fri', 'Mon'] },
    ] as const
  ).map((change) =>
    candidate(`open ${JSON.stringify(change)}`, released, 'production', 'economy', {
      hours: { ...hours, ...change } as Plan['hours'],
    }),
  ),
]
