import { migrate } from './migrate.ts'
import type { Command } from './options.ts'
import type { World } from './ports.ts'
import { apply, prepare, pull } from './prepare.ts'
import { readPresent } from './release-file.ts'
import { rollback, shiftBy } from './shift.ts'
import { smoke } from './smoke.ts'
import { status } from './status.ts'
import { sleep, wake } from './waking.ts'

/** @throws ReleaseError with what was done and what to do */
export async function runCommand(world: World, command: Command): Promise<void> {
  switch (command.name) {
    case 'prepare':
      return prepare(world, command.images)
    case 'shift':
      return shiftBy(world, command.percents, command.watchMinutes * 60_000)
    case 'wake': {
      const { release, applied } = await readPresent(world)
      if (applied) return wake(world, release)
      return world.say(`${world.plan.name} was never applied: there is nothing to wake.`)
    }
    default:
      return { status, migrate, rollback, sleep, smoke, apply, pull }[command.name](world)
  }
}
