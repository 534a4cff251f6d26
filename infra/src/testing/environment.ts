import { App } from '../aws.ts'
import { parseRelease, type Release, shift, stageRelease } from '../release.ts'
import { EnvironmentStack } from '../stack.ts'
import { planOf } from './foundation.ts'
import { type Synthesized, terraformOf } from './synthesize.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
export const one = { web: digest('1'), worker: digest('a') }
export const two = { web: digest('2'), worker: digest('b') }

const idle = { images: null, weight: 0 }
/** Before the first release. */
export const unreleased = parseRelease({ active: 'blue', former: null, blue: idle, green: idle })
/** Version one has the traffic. */
export const released = shift(stageRelease(unreleased, one), 100)
/** Version two has so many percent of it. */
export const shifted = (percent: number): Release => shift(stageRelease(released, two), percent)
/** Version one has so many percent, what was there before has the rest. */
export function takingOver(target: object, percent: number): Release {
  const before = { active: 'legacy', former: null, blue: idle, green: idle, legacy: { weight: 100, target } }
  return shift(stageRelease(parseRelease(before), one), percent)
}

/** An environment as its stack builds it. */
export function environmentOf(release: Release, ...about: Parameters<typeof planOf>): Synthesized {
  return terraformOf(new EnvironmentStack(new App(), planOf(...about), release, {}))
}
