import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { shift, stageRelease } from '../src/release.ts'
import { runCommand } from './command.ts'
import { apply, prepare, pull } from './prepare.ts'
import { one, openStage, prepared, released, type Stage, two } from './testing/world.ts'

const edit = (stage: Stage, release: object) =>
  writeFileSync(join(stage.world.releases, 'production.json'), JSON.stringify(release))

describe('prepare', () => {
  test('puts the version into the free colour, without traffic', async () => {
    await using stage = await openStage(released)
    await prepare(stage.world, two)
    expect(stage.applied.release).toEqual(prepared)
    expect(stage.file()).toEqual(prepared)
  })

  test.each([
    ['prepared', prepared],
    ['half way', shift(prepared, 50)],
    ['through', shift(prepared, 100)],
  ])('changes nothing when the version is %s already, so that a job can be run again', async (_, release) => {
    await using stage = await openStage(release)
    await prepare(stage.world, two)
    expect(stage.applies).toEqual([])
  })

  test('refuses another version in the middle of a shift', async () => {
    await using stage = await openStage(shift(prepared, 50))
    await expect(prepare(stage.world, one)).rejects.toThrow('A shift is under way')
    expect(stage.applies).toEqual([])
  })
})

describe('apply', () => {
  test('goes on after an apply that was interrupted', async () => {
    await using stage = await openStage(prepared)
    edit(stage, shift(prepared, 10))
    await apply(stage.world)
    expect(stage.applied.release).toEqual(shift(prepared, 10))
  })

  test('never replaces a version that has traffic, as a file from an old checkout would', async () => {
    await using stage = await openStage(shift(prepared, 100))
    edit(stage, stageRelease(shift(prepared, 100), one))
    await apply(stage.world)
    edit(stage, { ...prepared, active: 'blue', former: null, blue: { images: one, weight: 100 }, green: { images: null, weight: 0 } }) // prettier-ignore
    await expect(apply(stage.world)).rejects.toThrow(/other images for green than run there with 100 %[^]*pull/)
    expect(stage.applies).toHaveLength(1)
  })
})

test('pull takes into the file what was applied last', async () => {
  await using stage = await openStage(shift(prepared, 10))
  edit(stage, released)
  await pull(stage.world)
  expect(stage.file()).toEqual(shift(prepared, 10))
  expect(stage.applies).toEqual([])
})

test('status says what the file and AWS say, and which alarms are loud', async () => {
  await using stage = await openStage(prepared)
  edit(stage, shift(prepared, 10))
  stage.aws.alarms.set('dayshift-production-web-errors', 'ALARM')
  await runCommand(stage.world, { name: 'status' })
  expect(stage.said.join('\n')).toMatch(/file +blue \(11111111\) 90 %, green \(22222222\) 10 %; way back: blue/)
  expect(stage.said).toContain('applied   blue (11111111) 100 %, green (22222222) 0 %')
  expect(stage.said).toContain('alarm     dayshift-production-web-errors: ALARM')
  expect(stage.said).toContain('web-blue  1 tasks')
})

describe('the smoke test', () => {
  const page = '<!doctype html><title>Dayshift</title>'
  test('passes when health, parts and the sign-in page are there', async () => {
    await using stage = await openStage(released)
    stage.world.site.get = async (url) => ({ status: 200, body: url.endsWith('/sign-in') ? page : '{"ok":true}' })
    await runCommand(stage.world, { name: 'smoke' })
    expect(stage.said).toHaveLength(3)
  })

  test.each([
    ['/health', 503, '{"ok":false}'],
    ['/health', 200, '{"ok":false}'],
    ['/ready', 200, page],
    ['/sign-in', 200, '<title>We open at 08:00</title>'],
    ['/sign-in', 404, page],
  ])('fails when %s answers %i %s', async (path, status, body) => {
    await using stage = await openStage(released)
    stage.world.site.get = async (url) =>
      url.endsWith(path) ? { status, body } : { status: 200, body: url.endsWith('/sign-in') ? page : '{"ok":true}' }
    await expect(runCommand(stage.world, { name: 'smoke' })).rejects.toThrow(
      `https://dayshift.example${path}: expected 200`,
    )
  })
})
