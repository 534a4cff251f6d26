import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { readRelease, type Release, weightOf } from '../src/release.ts'
import { type Applied, ReleaseError, type World } from './ports.ts'

export interface Present {
  release: Release
  /** Undefined before the first apply. */
  applied: Applied | undefined
}

/**
 * The release, when file and AWS agree on it. They do not when an apply was interrupted, when the file was edited by hand, or when
 * somebody else has released since the file was checked out; which of the three it is only a person knows.
 * @throws ReleaseError with both, and the two ways out
 */
export async function readPresent({ plan, releases, terraform }: World): Promise<Present> {
  const release = readRelease(releases, plan.name)
  const applied = await terraform.readApplied()
  if (applied?.release === undefined || isDeepStrictEqual(applied.release, release)) return { release, applied }
  throw new ReleaseError(
    `The release file of ${plan.name} says ${traffic(release)}; what was applied last is ${traffic(applied.release)}.\n` +
      `To put the file into AWS, as after an interrupted apply: ${command(plan.name, 'apply')}\n` +
      `To take what is in AWS into the file, as when somebody else has released: ${command(plan.name, 'pull')}`,
  )
}

/** By a rename, so that an interrupt leaves the old file or the new one. */
export function writeRelease(folder: string, environment: string, release: Release): void {
  const path = join(folder, `${environment}.json`)
  const text = `${JSON.stringify(release, undefined, 2)}\n`
  if (readFileSync(path, 'utf8') === text) return
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

/**
 * Writes the release and applies it.
 * @throws ReleaseError that says that the file is ahead of AWS, and how to go on
 */
export async function changeTo({ plan, releases, terraform, say }: World, release: Release): Promise<void> {
  writeRelease(releases, plan.name, release)
  say(`Applying: ${traffic(release)}.`)
  try {
    await terraform.apply()
  } catch (cause) {
    throw new ReleaseError(
      `${cause instanceof Error ? cause.message : String(cause)}\n` +
        `The release file says ${traffic(release)}, and AWS may have only a part of it: nothing else was done.\n` +
        `Again, once the reason is gone: ${command(plan.name, 'apply')}\n` +
        `All traffic back to where it was: ${command(plan.name, 'rollback')}`,
      { cause },
    )
  }
}

/** `blue (1a2b3c4d) 90 %, green (5e6f7a8b) 10 %` */
export function traffic(release: Release): string {
  const colours = (['blue', 'green', 'legacy'] as const).filter(
    (colour) => weightOf(release, colour) > 0 || colour === release.active,
  )
  const version = (colour: (typeof colours)[number]): string => {
    const web = colour === 'legacy' ? undefined : release[colour].images?.web
    return web === undefined ? '' : ` (${web.slice('sha256:'.length).slice(0, 8)})`
  }
  return colours.map((colour) => `${colour}${version(colour)} ${weightOf(release, colour)} %`).join(', ')
}

/** As it is typed. */
export const command = (environment: string, words: string): string =>
  `npm run release -- ${words} --env ${environment}`
