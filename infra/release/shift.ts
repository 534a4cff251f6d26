import {
  readRelease,
  type Release,
  rollback as allBack,
  shift as giving,
  weightOf,
  workerImage,
} from '../src/release.ts'
import { Interrupted, ReleaseError, type ServiceName, type World } from './ports.ts'
import { changeTo, command, readPresent, traffic } from './release-file.ts'
import { assertAwake, assertTime, startService, waitUntilHealthy } from './waking.ts'
import { type Look, reasonOf, watch } from './watch.ts'

/** For how long alarms may know nothing, or AWS may not be reached: an alarm that an apply has changed knows nothing for some minutes. */
const DOUBT_MS = 5 * 60_000

/** What a step takes beside the watching: tasks that start, an apply. */
const STEP_MINUTES = 3

/**
 * Gives the active colour these shares of the traffic, one after the other, and watches each of them. Shares that it has already are
 * passed over, so that an interrupted row of steps can be given again; where nobody had the traffic before there is only 100.
 * @throws ReleaseError having gone back, or not having begun
 */
export async function shiftBy(world: World, steps: number[], watchMs: number): Promise<void> {
  const { release } = await readPresent(world)
  const has = weightOf(release, release.active)
  const wanted = steps.length > 1 ? steps.filter((percent) => percent >= has) : steps
  const last = wanted.at(-1)
  if (release.former === null && steps.length > 1 && last === 100)
    world.say('Nobody had the traffic before: all at once.')
  const taken = release.former === null && steps.length > 1 ? wanted.slice(-1) : wanted
  assertTime(world, taken.length * (watchMs / 60_000 + STEP_MINUTES))
  for (const percent of taken) await shiftOnce(world, percent, watchMs)
}

async function shiftOnce(world: World, percent: number, watchMs: number): Promise<void> {
  const { plan, say } = world
  const { release } = await readPresent(world)
  const next = giving(release, percent)
  await assertAwake(world, release)
  const names = await alarmNames(world)
  await assertQuiet(world, names)
  await startActive(world, next)
  await changeTo(world, next)
  say(`${traffic(next)}. Watching for ${watchMs / 60_000} minutes${names.length > 0 ? `: ${names.join(', ')}` : ''}.`)
  const applied = await world.terraform.readApplied()
  const watched = { next, names, address: applied?.address ?? '' }
  const bad = await settle(world, watched, watchMs).catch((error: unknown) => {
    if (error instanceof Interrupted || world.signal.aborted) throw interrupted(world, next)
    return reasonOf(error)
  })
  if (bad === undefined) return say(`${plan.name}: ${traffic(next)}, and all is well.`)
  await goBack(world, next, bad)
}

/** The tasks of what is to have traffic, before it has any; and a worker, where none has run yet. */
async function startActive(world: World, next: Release): Promise<void> {
  const { active } = next
  if (active === 'legacy' || next[active].weight === 0) return
  await startService(world, `web-${active}`, next[active].images!.web)
  const { running = 0 } = (await world.services.list()).get('worker') ?? {}
  if (running === 0) await startWorker(world, next)
}

/** With whatever version it has now: this shift may be the one that gives it the new one. */
async function startWorker({ plan, capacity, services, say }: World, next: Release): Promise<void> {
  if (workerImage(next) === null) return
  say('Starting worker.')
  const { min, max } = plan.buys.worker
  await capacity.setBounds('worker', { min, max })
  await services.setDesired('worker', min)
}

/** Waits for the version that the worker is to have, and watches. */
async function settle(world: World, watched: Watched, watchMs: number): Promise<string | undefined> {
  const { next } = watched
  const digest = workerImage(next)
  if (digest !== null && next.blue.weight + next.green.weight > 0) await waitUntilHealthy(world, 'worker', digest)
  const { clock, signal, say } = world
  return watch({ look: () => lookAt(world, watched), watchMs, doubtMs: DOUBT_MS, clock, signal, say })
}

interface Watched {
  next: Release
  /** Alarms. */
  names: string[]
  /** `https://…` */
  address: string
}

/** Where only some countries may come, who releases may not be in one of them: CloudFront's 403 says nothing of the version. */
const isFine = ({ plan }: World, status: number): boolean =>
  status === 200 || (status === 403 && plan.countries.length > 0)

async function lookAt(world: World, { next, names, address }: Watched): Promise<Look> {
  const states = names.length > 0 ? await world.alarms.states(names) : new Map<string, string>()
  const loud = names.filter((name) => states.get(name) === 'ALARM')
  if (loud.length > 0) return { is: 'bad', why: `${loud.join(' and ')} is in ALARM` }
  const unsure = names.filter((name) => states.get(name) !== 'OK')
  if (unsure.length > 0) return { is: 'doubtful', why: `${unsure[0]} is ${states.get(unsure[0]!) ?? 'not there'}` }
  const { active } = next
  if (active !== 'legacy' && next[active].weight > 0) {
    const service: ServiceName = `web-${active}`
    if ((await world.services.countHealthy(service, next[active].images!.web)) === 0)
      return { is: 'doubtful', why: `${service} has no healthy task` }
  }
  const { status } = await world.site.get(`${address}/ready`)
  return isFine(world, status) ? { is: 'good' } : { is: 'doubtful', why: `${address}/ready answers ${status}` }
}

async function alarmNames({ services }: World): Promise<string[]> {
  return [...new Set([...(await services.list()).values()].flatMap(({ alarmNames }) => alarmNames))].sort()
}

async function assertQuiet({ plan, alarms }: World, names: string[]): Promise<void> {
  const states = names.length > 0 ? await alarms.states(names) : new Map<string, string>()
  const loud = names.filter((name) => states.get(name) === 'ALARM')
  if (loud.length === 0) return
  throw new ReleaseError(
    `${loud.join(' and ')} is in ALARM before the shift: it could not tell whether the new version is to blame, so nothing was done. ` +
      `If what was shifted last is the reason: ${command(plan.name, 'rollback')}`,
  )
}

const interrupted = ({ plan }: World, next: Release): ReleaseError =>
  new ReleaseError(
    `Interrupted while watching. File and AWS agree: ${traffic(next)}; nobody watches it now.\n` +
      `To watch it again: ${command(plan.name, `shift ${weightOf(next, next.active)}`)}\n` +
      (next.former === null ? 'There is nothing to go back to.' : `To go back: ${command(plan.name, 'rollback')}`),
  )

/** @throws ReleaseError always: a step that went back has failed */
async function goBack(world: World, next: Release, why: string): Promise<never> {
  const { plan, say } = world
  if (next.former === null)
    throw new ReleaseError(
      `${plan.name}: ${why}. Nobody had the traffic before, so there is no way back: ${traffic(next)} stays. ` +
        `Repair it and release the next version.`,
    )
  say(`${why}. Going back.`)
  const back = allBack(next)
  await bringBack(world, back).catch((error: unknown) => {
    throw new ReleaseError(`${why}. Going back did not succeed:\n${reasonOf(error)}`, { cause: error })
  })
  throw new ReleaseError(
    `${plan.name} went back to ${traffic(back)}, because ${why}.\n` +
      `The new version keeps its tasks until closing time, without traffic: its log is /dayshift/${plan.name}/web. ` +
      `To try it again: ${command(plan.name, 'shift 1')}`,
  )
}

/** All traffic back to who had it. From what was applied last where that is known: the file may be older, or ahead. */
export async function rollback(world: World): Promise<void> {
  const release = (await world.terraform.readApplied())?.release ?? readRelease(world.releases, world.plan.name)
  const back = allBack(release)
  await bringBack(world, back)
  world.say(`${world.plan.name}: ${traffic(back)}.`)
}

/** Closing time has put the former colour to rest where the shift is a day old; while all sleeps there is nothing to wait for. */
async function bringBack(world: World, back: Release): Promise<void> {
  const { former } = back
  const holder = former === 'legacy' || former === null ? undefined : former
  const states = await world.services.list()
  const isAwake = [...states.values()].some(({ running }) => running > 0)
  if (holder !== undefined && isAwake) await startWhereNone(world, `web-${holder}`, back[holder].images!.web)
  await changeTo(world, back)
}

/** One task that answers is better than to wait for the second one. */
async function startWhereNone(world: World, service: ServiceName, digest: string): Promise<void> {
  if ((await world.services.countHealthy(service, digest)) === 0) await startService(world, service, digest)
}
