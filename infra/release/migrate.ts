import { ReleaseError, type World } from './ports.ts'
import { command, readPresent } from './release-file.ts'

const EVERY_MS = 5_000
/** A migration that takes longer is told of, and not stopped: half of one is worse. */
const MIGRATION_MS = 60 * 60_000
const LOG_LINES = 40

/**
 * Runs the migration of the prepared version and waits for its end. One that runs already is waited for instead.
 * @throws ReleaseError with the end of its log
 */
export async function migrate(world: World): Promise<void> {
  const { plan, services, database, log, clock, signal, say } = world
  const { applied } = await readPresent(world)
  if (!applied)
    throw new ReleaseError(`${plan.name} was never applied. First: ${command(plan.name, 'prepare --web … --worker …')}`)
  const status = await database.status()
  if (status === 'stopped' || status === 'stopping')
    throw new ReleaseError(`The database is ${status}, so nothing was migrated. First: ${command(plan.name, 'wake')}`)
  const running = await services.findMigration()
  say(running === undefined ? 'Starting the migration.' : 'A migration is running already: waiting for it.')
  const taskArn = running ?? (await services.startMigration(applied.migration))
  const endMs = clock.nowMs() + MIGRATION_MS
  let state = await services.getMigration(taskArn)
  while (state.status !== 'STOPPED') {
    if (clock.nowMs() > endMs)
      throw new ReleaseError(
        `The migration ${taskArn} is still ${state.status} after ${MIGRATION_MS / 60_000} minutes and runs on. ` +
          `To wait for it again: ${command(plan.name, 'migrate')}`,
      )
    await clock.wait(EVERY_MS, signal)
    state = await services.getMigration(taskArn)
  }
  // A log that cannot be read must not hide how the migration ended.
  const lines = await log.tail(applied.migration.logGroup, state.logStream, LOG_LINES).catch(() => [])
  for (const line of lines) say(`  ${line}`)
  if (state.exitCode === 0) {
    say('The database is migrated.')
    return
  }
  const end = state.exitCode === undefined ? 'never started' : `ended with ${state.exitCode}`
  throw new ReleaseError(
    `The migration ${end}${state.reason === '' ? '' : `: ${state.reason}`}. No traffic was shifted; the version before runs on. ` +
      `Its log is ${applied.migration.logGroup}, ${state.logStream}. Once the reason is gone: ${command(plan.name, 'migrate')}`,
  )
}
