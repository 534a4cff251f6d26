import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRelease, shift, stageRelease } from '../src/release.ts'
import { rollback, shiftBy } from './shift.ts'
import {
  one,
  openStage,
  prepared,
  queueAge,
  released,
  type Stage,
  two,
  unreleased,
  webErrors,
} from './testing/world.ts'
import { reasonOf } from './watch.ts'

const MINUTE = 60_000
const weights = (stage: Stage) => stage.applies.map(({ blue, green, legacy }) => [blue.weight, green.weight, legacy?.weight ?? 0]) // prettier-ignore
/** From the given time on, as long as the stage is there. */
const from = (stage: Stage, minutes: number, happens: () => void) => {
  stage.during.wait = (passedMs) => {
    if (stage.applies.length > 0 && passedMs >= minutes * MINUTE) happens()
  }
}

describe('a shift', () => {
  test('starts the new version first, gives it its share in one apply, and watches for the time that was asked', async () => {
    await using stage = await openStage(prepared)
    stage.during.apply = () => {
      expect(stage.aws.services.get('web-green')).toMatchObject({ desired: 1, min: 1, max: 3 })
    }
    const before = stage.world.clock.nowMs()
    await shiftBy(stage.world, [10], 10 * MINUTE)
    expect(weights(stage)).toEqual([[90, 10, 0]])
    expect(stage.file()).toEqual(stage.applied.release)
    const minutes = (stage.world.clock.nowMs() - before) / MINUTE
    expect(minutes).toBeGreaterThanOrEqual(10)
    expect(minutes).toBeLessThan(11)
    expect(stage.said.at(-1)).toContain('blue (11111111) 90 %')
  })

  test('goes through all steps to the end, and the worker follows from the half on', async () => {
    await using stage = await openStage(prepared)
    const workers: string[] = []
    stage.during.wait = () =>
      void workers.push(`${stage.applies.length}:${stage.aws.services.get('worker')!.digest[7]}`)
    await shiftBy(stage.world, [1, 10, 50, 90, 100], MINUTE)
    expect(weights(stage)).toEqual([[99, 1, 0], [90, 10, 0], [50, 50, 0], [10, 90, 0], [0, 100, 0]]) // prettier-ignore
    expect([...new Set(workers)]).toEqual(['1:a', '2:a', '3:b', '4:b', '5:b'])
  })

  test('goes on where a row of steps was interrupted', async () => {
    await using stage = await openStage(shift(prepared, 50))
    Object.assign(stage.aws.services.get('web-green')!, { desired: 1, min: 1, max: 3 })
    await shiftBy(stage.world, [1, 10, 50, 90, 100], MINUTE)
    expect(weights(stage)).toEqual([[50, 50, 0], [10, 90, 0], [0, 100, 0]]) // prettier-ignore
  })

  test('gives the very first version everything at once, with its worker', async () => {
    await using stage = await openStage(stageRelease(unreleased, one))
    await shiftBy(stage.world, [1, 10, 50, 90, 100], MINUTE)
    expect(weights(stage)).toEqual([[100, 0, 0]])
    expect(stage.aws.services.get('worker')).toMatchObject({ desired: 1, max: 3, digest: one.worker })
  })

  test('takes over from an old deployment step by step, and gives it back', async () => {
    const target = { type: 'ip', addresses: ['10.0.0.5'], port: 80 }
    const old = parseRelease({ ...unreleased, active: 'legacy', legacy: { weight: 100, target } })
    await using stage = await openStage(stageRelease(old, one))
    await shiftBy(stage.world, [1, 10, 50, 90, 100], MINUTE)
    expect(weights(stage)[0]).toEqual([1, 0, 99])
    expect(weights(stage).at(-1)).toEqual([100, 0, 0])
    await rollback(stage.world)
    expect(weights(stage).at(-1)).toEqual([0, 0, 100])
  })
})

describe('while it watches', () => {
  test.each([[webErrors], [queueAge]])('an alarm sends all traffic back: %s', async (name) => {
    await using stage = await openStage(prepared)
    from(stage, 7, () => stage.aws.alarms.set(name, 'ALARM'))
    await expect(shiftBy(stage.world, [1, 10], 10 * MINUTE)).rejects.toThrow(`because ${name} is in ALARM`)
    expect(weights(stage)).toEqual([[99, 1, 0], [100, 0, 0]]) // prettier-ignore
    expect(stage.file()).toEqual(stage.applied.release)
  })

  test('an alarm in the last step sends it back too', async () => {
    await using stage = await openStage(shift(prepared, 90))
    from(stage, 9, () => stage.aws.alarms.set(webErrors, 'ALARM'))
    await expect(shiftBy(stage.world, [100], 10 * MINUTE)).rejects.toThrow('went back to blue')
    expect(weights(stage).at(-1)).toEqual([100, 0, 0])
  })

  test('an alarm that knows nothing for a moment, as after an apply, only makes it longer', async () => {
    await using stage = await openStage(prepared)
    stage.during.wait = (passedMs) => void stage.aws.alarms.set(webErrors, passedMs < 4 * MINUTE ? 'INSUFFICIENT_DATA' : 'OK') // prettier-ignore
    const before = stage.world.clock.nowMs()
    await shiftBy(stage.world, [1], 10 * MINUTE)
    expect((stage.world.clock.nowMs() - before) / MINUTE).toBeGreaterThanOrEqual(13.5)
    expect(weights(stage)).toEqual([[99, 1, 0]])
  })

  test.each([
    ['an alarm that goes on knowing nothing', (stage: Stage) => void stage.aws.alarms.set(webErrors, 'INSUFFICIENT_DATA'), `${webErrors} is INSUFFICIENT_DATA`], // prettier-ignore
    ['an alarm that somebody has deleted', (stage: Stage) => void stage.aws.alarms.delete(webErrors), `${webErrors} is not there`], // prettier-ignore
    ['an AWS that cannot be reached', (stage: Stage) => void (stage.aws.isDown = true), 'could not be seen to be good'],
    ['a site that answers 503', (stage: Stage) => void (stage.site.status = 503), '/ready answers 503'],
    ['a site that does not answer', (stage: Stage) => void (stage.site.isDown = true), 'ECONNREFUSED'],
    ['a new version whose tasks become unhealthy', (stage: Stage) => void (stage.aws.services.get('web-green')!.broken = true), 'web-green has no healthy task'], // prettier-ignore
  ])('%s is not all good: it goes back after five minutes', async (_, happens, why) => {
    await using stage = await openStage(prepared)
    from(stage, 2, () => happens(stage))
    // Going back, it is asked how the former version is; in the test AWS can be reached again by then.
    stage.during.apply = () => undefined
    const { services } = stage.world
    stage.world.services = { ...services, list: () => ((stage.aws.isDown = false), services.list()) }
    await expect(shiftBy(stage.world, [1], 10 * MINUTE)).rejects.toThrow(why)
    expect(weights(stage)).toEqual([[99, 1, 0], [100, 0, 0]]) // prettier-ignore
    expect(stage.world.clock.nowMs() - 1_000_000).toBeLessThan(9 * MINUTE)
  })

  test('where going back does not succeed either, it says both', async () => {
    await using stage = await openStage(prepared)
    from(stage, 2, () => (stage.aws.isDown = true))
    await expect(shiftBy(stage.world, [1], 10 * MINUTE)).rejects.toThrow(
      /could not be seen[^]*Going back did not succeed/,
    )
    expect(stage.file()).toEqual(stage.applied.release)
  })

  test('an interrupt leaves the traffic as it is and says how to go on', async () => {
    await using stage = await openStage(prepared)
    from(stage, 3, () => stage.interrupt())
    const interrupted = shiftBy(stage.world, [10, 50], 10 * MINUTE)
    await expect(interrupted).rejects.toThrow(
      /npm run release -- shift 10 --env production[^]*rollback --env production/,
    )
    expect(weights(stage)).toEqual([[90, 10, 0]])
    expect(stage.file()).toEqual(stage.applied.release)
  })

  test('the first version has no way back: it stays, and the command fails', async () => {
    await using stage = await openStage(stageRelease(unreleased, one))
    from(stage, 1, () => stage.aws.alarms.set(webErrors, 'ALARM'))
    await expect(shiftBy(stage.world, [100], 10 * MINUTE)).rejects.toThrow('there is no way back')
    expect(weights(stage)).toEqual([[100, 0, 0]])
  })
})

describe('a shift is refused, and nothing is done,', () => {
  const refusalOf = async (stage: Stage) => {
    const message = await shiftBy(stage.world, [1], MINUTE).then(() => 'not refused', reasonOf)
    return { message, done: [...stage.applies, ...stage.aws.changes] }
  }
  const because = (message: RegExp) => ({ message: expect.stringMatching(message) as string, done: [] })
  test('while the database is stopped', async () => {
    await using stage = await openStage(prepared)
    stage.aws.database = 'stopped'
    await expect(refusalOf(stage)).resolves.toEqual(
      because(/production sleeps: the database is stopped[^]*release -- wake --env production/),
    )
  })
  test('while what has the traffic has no task: it would always succeed', async () => {
    await using stage = await openStage(prepared)
    Object.assign(stage.aws.services.get('web-blue')!, { desired: 0, min: 0, max: 0 })
    await expect(refusalOf(stage)).resolves.toEqual(because(/production sleeps: web-blue has traffic and no task/))
  })
  test('while an alarm is loud already', async () => {
    await using stage = await openStage(prepared)
    stage.aws.alarms.set(queueAge, 'ALARM')
    await expect(refusalOf(stage)).resolves.toEqual(because(/queue-age is in ALARM before the shift/))
  })
  test('while the file and AWS disagree', async () => {
    await using stage = await openStage(prepared)
    stage.applied.release = released
    await expect(refusalOf(stage)).resolves.toEqual(because(/apply --env production[^]*pull --env production/))
  })
  test('when closing time would come before its end', async () => {
    await using stage = await openStage(prepared)
    // 17:55 in Berlin, where it closes at 18:00.
    stage.world.clock = { ...stage.world.clock, nowMs: () => Date.UTC(2026, 5, 1, 15, 55) }
    await expect(shiftBy(stage.world, [1], 2 * MINUTE + 1)).rejects.toThrow('production closes in 5 minutes')
    expect(stage.applies).toEqual([])
    stage.world.clock = { ...stage.world.clock, nowMs: () => Date.UTC(2026, 5, 1, 16, 5) }
    await expect(shiftBy(stage.world, [1], 0)).resolves.toBeUndefined()
  })
  test('when AWS cannot be reached', async () => {
    await using stage = await openStage(prepared)
    stage.aws.isDown = true
    await expect(refusalOf(stage)).resolves.toEqual(because(/socket|ECONN|hang/))
  })
})

test('a new version that never becomes healthy gets no traffic', async () => {
  await using stage = await openStage(prepared)
  stage.aws.services.get('web-green')!.broken = true
  await expect(shiftBy(stage.world, [1], MINUTE)).rejects.toThrow(/web-green has 0 healthy tasks[^]*15 minutes/)
  expect(stage.applies).toEqual([])
})

test('a colour in which ECS has gone back to another version gets no traffic', async () => {
  await using stage = await openStage(prepared)
  stage.aws.services.get('web-green')!.digest = one.web
  await expect(shiftBy(stage.world, [1], MINUTE)).rejects.toThrow('web-green has 0 healthy tasks of sha256:22222222')
  expect(stage.applies).toEqual([])
})

test('an apply that fails says what the file and AWS have, and how to go on', async () => {
  await using stage = await openStage(prepared)
  stage.during.apply = () => {
    throw new Error('terraform apply ended with 1: see above')
  }
  await expect(shiftBy(stage.world, [1], MINUTE)).rejects.toThrow(
    /AWS may have only a part[^]*apply --env[^]*rollback --env/,
  )
  expect(stage.file().green.weight).toBe(1)
})

describe('a rollback', () => {
  test('is one apply, whatever the file says', async () => {
    await using stage = await openStage(shift(prepared, 50))
    writeFileSync(join(stage.world.releases, 'production.json'), JSON.stringify(released))
    await rollback(stage.world)
    expect(weights(stage)).toEqual([[100, 0, 0]])
    expect(stage.file().green.images).toEqual(two)
  })

  test('wakes the former version first, where the evening has put it to rest', async () => {
    await using stage = await openStage(shift(prepared, 100))
    stage.during.apply = () => {
      expect(stage.aws.services.get('web-blue')).toMatchObject({ desired: 1, max: 3 })
    }
    await rollback(stage.world)
    expect(weights(stage)).toEqual([[100, 0, 0]])
  })

  test('does not wait for the second task of the former version', async () => {
    await using stage = await openStage(shift(prepared, 50))
    const { plan } = stage.world
    stage.world.plan = { ...plan, buys: { ...plan.buys, web: { ...plan.buys.web, min: 2 } } }
    await rollback(stage.world)
    expect(weights(stage)).toEqual([[100, 0, 0]])
    expect(stage.aws.changes).toEqual([])
  })

  test('waits for nothing while everything sleeps', async () => {
    await using stage = await openStage(shift(prepared, 100))
    for (const service of stage.aws.services.values()) Object.assign(service, { desired: 0, min: 0, max: 0 })
    await rollback(stage.world)
    expect(weights(stage)).toEqual([[100, 0, 0]])
    expect(stage.aws.changes).toEqual([])
  })
})
