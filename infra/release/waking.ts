import { isLive, type Release, workerImage } from '../src/release.ts'
import { ReleaseError, type ServiceName, type World } from './ports.ts'
import { command } from './release-file.ts'

const EVERY_MS = 10_000
/** RDS starts in 5 to 15 minutes, and may be in the middle of stopping. */
const DATABASE_MS = 40 * 60_000
/** A task is placed, pulls its image, waits up to 60 s for its database, and is asked three times for its health. */
const TASKS_MS = 15 * 60_000

/** Works, though RDS is busy with something. */
const usable = ['available', 'backing-up', 'storage-optimization', 'configuring-enhanced-monitoring', 'modifying']

/** Starts the database and what has traffic, and waits until it is healthy. What is awake stays as it is. */
export async function wake(world: World, release: Release): Promise<void> {
  const { plan, say } = world
  await wakeDatabase(world)
  if (!isLive(release)) {
    say('The database is awake; no version has traffic yet, so no task is started.')
    return
  }
  await Promise.all(running(release).map(([service, digest]) => startService(world, service, digest)))
  const ends = plan.buys.web.always ? 'It is always open.' : `It sleeps at ${plan.hours.to} ${plan.hours.timeZone}.`
  say(`${plan.name} is awake. ${ends}`)
}

/** What a release runs: its colours with traffic, and its worker. */
const running = (release: Release): [ServiceName, string][] => [
  ...(['blue', 'green'] as const).flatMap((colour): [ServiceName, string][] => {
    const { images, weight } = release[colour]
    return weight > 0 && images ? [[`web-${colour}`, images.web]] : []
  }),
  ...[workerImage(release)].flatMap((digest): [ServiceName, string][] => (digest === null ? [] : [['worker', digest]])),
]

async function wakeDatabase({ plan, database, clock, signal, say }: World): Promise<void> {
  const endMs = clock.nowMs() + DATABASE_MS
  let started = false
  for (;;) {
    const status = await database.status()
    if (usable.includes(status)) return
    if (status === 'not there')
      throw new ReleaseError(
        `There is no database dayshift-${plan.name}: was ${plan.name} applied, and not destroyed since?`,
      )
    if (status === 'stopped' && !started) {
      say('Starting the database; that takes 5 to 15 minutes.')
      await database.start()
      started = true
    }
    if (clock.nowMs() > endMs)
      throw new ReleaseError(
        `The database dayshift-${plan.name} is ${status} after ${DATABASE_MS / 60_000} minutes: expected available. ` +
          `No task was started. Look at its events in RDS, then again: ${command(plan.name, 'wake')}`,
      )
    await clock.wait(EVERY_MS, signal)
  }
}

/** Opens the bounds of a service and waits until the least number of its tasks runs this image and is healthy. */
export async function startService(world: World, service: ServiceName, digest: string): Promise<void> {
  const { plan, services, capacity, say } = world
  const { min, max } = service === 'worker' ? plan.buys.worker : plan.buys.web
  if ((await services.countHealthy(service, digest)) >= min) return
  say(`Starting ${service}.`)
  await capacity.setBounds(service, { min, max })
  const { running = 0 } = (await services.list()).get(service) ?? {}
  if (running < min) await services.setDesired(service, min)
  await waitUntilHealthy(world, service, digest)
}

/** @throws ReleaseError when it does not become healthy in time */
export async function waitUntilHealthy(world: World, service: ServiceName, digest: string): Promise<void> {
  const { plan, services, clock, signal } = world
  const { min } = service === 'worker' ? plan.buys.worker : plan.buys.web
  const endMs = clock.nowMs() + TASKS_MS
  for (;;) {
    const healthy = await services.countHealthy(service, digest)
    if (healthy >= min) return
    if (clock.nowMs() > endMs)
      throw new ReleaseError(
        `dayshift-${plan.name}-${service} has ${healthy} healthy tasks of ${digest.slice(0, 15)} after ${TASKS_MS / 60_000} minutes: ` +
          `expected ${min}. Its events in ECS and its log /dayshift/${plan.name}/${service.split('-')[0]} say why.`,
      )
    await clock.wait(EVERY_MS, signal)
  }
}

/** Stops all tasks and, where it may, the database. The next opening, or `wake`, starts them. */
export async function sleep(world: World): Promise<void> {
  const { plan, services, capacity, database, clock, signal, say } = world
  if (plan.buys.web.always)
    throw new ReleaseError(`${plan.name} has the profile ${plan.profile}, which never sleeps. Nothing was done.`)
  for (const service of (await services.list()).keys()) {
    await capacity.setBounds(service, { min: 0, max: 0 })
    await services.setDesired(service, 0)
  }
  const endMs = clock.nowMs() + TASKS_MS
  while ([...(await services.list()).values()].some(({ running }) => running > 0)) {
    if (clock.nowMs() > endMs)
      throw new ReleaseError(
        `Tasks still run ${TASKS_MS / 60_000} minutes after they were told to stop. The database was left running. ` +
          `See the events of the services in ECS, then again: ${command(plan.name, 'sleep')}`,
      )
    await clock.wait(EVERY_MS, signal)
  }
  const stopsDatabase = !plan.buys.database.always || plan.asleep !== undefined
  if (stopsDatabase && (await database.status()) === 'available') await database.stop()
  say(`${plan.name} sleeps${stopsDatabase ? '' : '; its database runs on, as its profile says'}.`)
}

/**
 * A release into a sleeping environment always looks good: nothing runs, so nothing fails.
 * @throws ReleaseError when the database or what has the traffic does not run
 */
export async function assertAwake({ plan, services, database }: World, release: Release): Promise<void> {
  const status = await database.status()
  const states = await services.list()
  const idle = running(release).filter(([service]) => service !== 'worker' && (states.get(service)?.running ?? 0) === 0)
  if (usable.includes(status) && idle.length === 0) return
  const why = usable.includes(status) ? `${idle[0]![0]} has traffic and no task` : `the database is ${status}`
  throw new ReleaseError(
    `${plan.name} sleeps: ${why}. A shift would always seem to succeed, so nothing was done. ` +
      `First: ${command(plan.name, 'wake')}`,
  )
}

/**
 * Closing time takes the tasks away, in the middle of a watch too, which would then go back and start them again.
 * @throws ReleaseError when it would come before so many minutes have passed
 */
export function assertTime({ plan, clock }: World, neededMinutes: number): void {
  if (plan.buys.web.always) return
  const { to, timeZone } = plan.hours
  const [hour, minute] = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
    .format(clock.nowMs())
    .split(':')
  const [closingHour, closingMinute] = to.split(':')
  const left = (Number(closingHour) - Number(hour)) * 60 + Number(closingMinute) - Number(minute)
  if (left < 0 || left >= neededMinutes) return
  throw new ReleaseError(
    `${plan.name} closes in ${left} minutes, at ${to} ${timeZone}: expected ${neededMinutes} minutes for these steps, so nothing was done. ` +
      `Shift tomorrow, or after closing time: ${command(plan.name, 'wake')}`,
  )
}
