import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { App } from '../src/aws.ts'
import type { Profile } from '../src/environment.ts'
import { getPlan } from '../src/environments.ts'
import { readRelease, type Release, shift, stageRelease } from '../src/release.ts'
import { EnvironmentStack } from '../src/stack.ts'

/** Digests that no registry has. */
const images = { web: `sha256:${'a'.repeat(64)}`, worker: `sha256:${'b'.repeat(64)}` }
export const newerImages = { web: `sha256:${'c'.repeat(64)}`, worker: `sha256:${'d'.repeat(64)}` }

/** The release of an environment, as if its first version had been released: all traffic goes to blue. */
export function firstRelease(environment: string): Release {
  const committed = readRelease(fileURLToPath(new URL('../releases', import.meta.url)), environment)
  const { active, former, blue, green } = { ...committed, active: 'blue', former: null } as const
  const empty = { images: null, weight: 0 }
  return shift(
    stageRelease({ active, former, blue: { ...blue, ...empty }, green: { ...green, ...empty } }, images),
    100,
  )
}

/** Writes the stack of an environment into a folder, as the program does, and answers with the folder that holds its cdk.tf.json. */
export function writeStack(
  folder: string,
  environment: string,
  profile?: Profile['name'],
  release = firstRelease(environment),
): string {
  mkdirSync(folder, { recursive: true })
  const app = new App({ outdir: folder })
  const stack = new EnvironmentStack(app, getPlan(environment, profile), release, { bucket: 'state' })
  app.synth()
  return join(folder, 'stacks', stack.node.id)
}
