import { isDeepStrictEqual } from 'node:util'
import { type Images, readRelease, type Release, stageRelease, weightOf } from '../src/release.ts'
import { ReleaseError, type World } from './ports.ts'
import { changeTo, command, readPresent, traffic, writeRelease } from './release-file.ts'

/** Puts a version into the colour without traffic. A version that is there already stays as it is. */
export async function prepare(world: World, images: Images): Promise<void> {
  const { release } = await readPresent(world)
  const { active } = release
  if (active !== 'legacy' && isDeepStrictEqual(release[active].images, images)) {
    world.say(`This version is prepared already: ${traffic(release)}.`)
    return
  }
  await changeTo(world, stageRelease(release, images))
}

/**
 * Applies the file as it is: after an interrupt, after an edit by hand, after a change of the stacks.
 * @throws ReleaseError when the file would replace a version that has traffic, which only a shift may do
 */
export async function apply(world: World): Promise<void> {
  const { plan, releases, terraform } = world
  const release = readRelease(releases, plan.name)
  const present = (await terraform.readApplied())?.release
  const replaced = present && (['blue', 'green'] as const).find((colour) => replaces(present, release, colour))
  if (present && replaced)
    throw new ReleaseError(
      `The file has other images for ${replaced} than run there with ${weightOf(present, replaced)} % of the traffic: it is ` +
        `older than the last release, or was edited where a shift is needed. Nothing was done.\n` +
        `To take what is in AWS into the file: ${command(plan.name, 'pull')}`,
    )
  await changeTo(world, release)
  world.say(`${plan.name}: ${traffic(release)}.`)
}

const replaces = (present: Release, next: Release, colour: 'blue' | 'green'): boolean =>
  weightOf(present, colour) > 0 && !isDeepStrictEqual(present[colour].images, next[colour].images)

/** Takes what was applied last into the file, for a commit or before a release from a fresh checkout. */
export async function pull({ plan, releases, terraform, say }: World): Promise<void> {
  const present = (await terraform.readApplied())?.release
  if (!present) {
    say(`${plan.name} was never applied; the file stays as it is.`)
    return
  }
  writeRelease(releases, plan.name, present)
  say(`${plan.name}: ${traffic(present)}.`)
}
