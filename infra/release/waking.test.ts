import { describe, expect, test } from 'vitest'
import { shift } from '../src/release.ts'
import { runCommand } from './command.ts'
import { openStage, prepared, released, type Stage, unreleased } from './testing/world.ts'
import { sleep, wake } from './waking.ts'

const rest = (stage: Stage, database = 'stopped') => {
  stage.aws.database = database
  for (const service of stage.aws.services.values()) Object.assign(service, { desired: 0, min: 0, max: 0 })
}

describe('wake', () => {
  test('starts the database, then what has traffic, and the worker, within the bounds of the plan', async () => {
    await using stage = await openStage(released, 'staging')
    rest(stage)
    await wake(stage.world, released)
    expect(stage.aws.changes[0]).toBe('rds StartDBInstance')
    expect(stage.aws.services.get('web-blue')).toMatchObject({ desired: 1, min: 1, max: 3 })
    expect(stage.aws.services.get('worker')).toMatchObject({ desired: 1, min: 1, max: 3 })
    expect(stage.aws.services.get('web-green')).toMatchObject({ desired: 0, max: 0 })
    expect(stage.said.at(-1)).toBe('staging is awake. It sleeps at 18:00 Europe/Berlin.')
  })

  test('opens the bounds before it asks for tasks: the count alone does not hold', async () => {
    await using stage = await openStage(released, 'staging')
    rest(stage, 'available')
    await wake(stage.world, released)
    const of = (text: string) => stage.aws.changes.findIndex((change) => change.includes(text))
    expect(of('scaling dayshift-staging-web-blue 1-3')).toBeLessThan(of('UpdateService dayshift-staging-web-blue 1'))
  })

  test('waits for a database that is just stopping, and then starts it', async () => {
    await using stage = await openStage(released, 'staging')
    rest(stage, 'stopping')
    stage.during.wait = (passedMs) => {
      if (passedMs > 60_000 && stage.aws.database === 'stopping') stage.aws.database = 'stopped'
    }
    await wake(stage.world, released)
    expect(stage.aws.database).toBe('available')
  })

  test('of what is awake changes nothing', async () => {
    await using stage = await openStage(released, 'staging')
    await wake(stage.world, released)
    expect(stage.aws.changes).toEqual([])
  })

  test('before the first release starts the database alone', async () => {
    await using stage = await openStage(unreleased, 'staging')
    stage.aws.database = 'stopped'
    await wake(stage.world, unreleased)
    expect(stage.aws.changes).toEqual(['rds StartDBInstance'])
  })

  test('gives up on a database that does not start, and says so', async () => {
    await using stage = await openStage(released, 'staging')
    rest(stage, 'incompatible-restore')
    await expect(wake(stage.world, released)).rejects.toThrow('is incompatible-restore after 40 minutes')
    expect(stage.aws.changes).toEqual([])
  })

  test('says when there is nothing to wake', async () => {
    await using stage = await openStage(unreleased, 'staging')
    stage.world.terraform.readApplied = async () => undefined
    await runCommand(stage.world, { name: 'wake' })
    expect(stage.said).toEqual(['staging was never applied: there is nothing to wake.'])
  })
})

describe('sleep', () => {
  test('stops every service, also one without traffic, and then the database', async () => {
    await using stage = await openStage(shift(prepared, 50), 'staging')
    await sleep(stage.world)
    for (const service of stage.aws.services.values()) expect(service).toMatchObject({ desired: 0, min: 0, max: 0 })
    expect(stage.aws.changes.at(-1)).toBe('rds StopDBInstance')
  })

  test('is refused where the profile never sleeps', async () => {
    await using stage = await openStage(released)
    const { plan } = stage.world
    stage.world.plan = { ...plan, buys: { ...plan.buys, web: { ...plan.buys.web, always: true } } }
    await expect(sleep(stage.world)).rejects.toThrow('never sleeps. Nothing was done.')
    expect(stage.aws.changes).toEqual([])
  })

  test('leaves a database running that its profile keeps running', async () => {
    await using stage = await openStage(released)
    const { plan } = stage.world
    stage.world.plan = { ...plan, buys: { ...plan.buys, database: { ...plan.buys.database, always: true } } }
    await sleep(stage.world)
    expect(stage.aws.database).toBe('available')
  })
})
