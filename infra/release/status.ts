import { isDeepStrictEqual } from 'node:util'
import { readRelease } from '../src/release.ts'
import type { World } from './ports.ts'
import { traffic } from './release-file.ts'

/** What the file says, what AWS says, and what is loud. Changes nothing. */
export async function status({ plan, releases, terraform, services, database, alarms, say }: World): Promise<void> {
  const release = readRelease(releases, plan.name)
  say(`file      ${traffic(release)}${release.former === null ? '' : `; way back: ${release.former}`}`)
  const applied = await terraform.readApplied()
  if (!applied) {
    say('applied   never')
    return
  }
  const same =
    applied.release === undefined
      ? 'not kept'
      : isDeepStrictEqual(applied.release, release)
        ? 'the same'
        : traffic(applied.release)
  say(`applied   ${same}`)
  say(`address   ${applied.address}`)
  say(`database  ${await database.status()}`)
  const states = await services.list()
  for (const [name, { running }] of states) say(`${name.padEnd(10)}${running} tasks`)
  const names = [...new Set([...states.values()].flatMap(({ alarmNames }) => alarmNames))].sort()
  const loud = await alarms.states(names)
  for (const name of names) say(`alarm     ${name}: ${loud.get(name) ?? 'not there'}`)
}
