import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  isLive,
  migrationImage,
  parseRelease,
  readRelease,
  rollback,
  shift,
  stageRelease,
  workerImage,
} from './release.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
const one = { web: digest('1'), worker: digest('a') }
const two = { web: digest('2'), worker: digest('b') }
const three = { web: digest('3'), worker: digest('c') }
const idle = { images: null, weight: 0 }
const fresh = parseRelease({ active: 'blue', former: null, blue: idle, green: idle })
const first = shift(stageRelease(fresh, one), 100)
const oldHouse = { type: 'ip', addresses: ['10.0.0.5'], port: 80 }
const moving = parseRelease({
  active: 'legacy',
  former: null,
  blue: idle,
  green: idle,
  legacy: { weight: 100, target: oldHouse },
})
const weights = ({ blue, green, legacy }: typeof fresh) => [blue.weight, green.weight, legacy?.weight]

describe('a release', () => {
  it('stages the first version without traffic, again if need be, and then gives it all: nobody is there to share with', () => {
    const staged = stageRelease(fresh, one)
    expect(staged).toMatchObject({ active: 'blue', former: null, blue: { images: one, weight: 0 } })
    expect(stageRelease(staged, two).blue).toEqual({ images: two, weight: 0 })
    expect(() => shift(staged, 10)).toThrow('expected a shift to 100, came 10')
    expect(weights(first)).toEqual([100, 0, undefined])
    expect(() => rollback(first)).toThrow('Nobody had the traffic before blue')
  })

  it('stages the next version beside the one that has the traffic, and shifts in whole percent', () => {
    const staged = stageRelease(first, two)
    expect(staged).toMatchObject({ active: 'green', former: 'blue', green: { images: two, weight: 0 } })
    expect(weights(shift(staged, 1))).toEqual([99, 1, undefined])
    expect(weights(shift(shift(staged, 1), 100))).toEqual([0, 100, undefined])
    expect(() => shift(staged, 0.5)).toThrow(/weight/)
    expect(() => shift(staged, 101)).toThrow(/weight/)
  })

  it('goes all the way back in one step, also after the last one, and forward again', () => {
    const done = shift(stageRelease(first, two), 100)
    expect(weights(rollback(done))).toEqual([100, 0, undefined])
    expect(weights(shift(rollback(done), 10))).toEqual([90, 10, undefined])
  })

  it('stages the version after a finished shift, or after one that was rolled back, where no traffic is', () => {
    const done = shift(stageRelease(first, two), 100)
    expect(stageRelease(done, three)).toMatchObject({
      active: 'blue',
      former: 'green',
      blue: { images: three, weight: 0 },
    })
    const back = rollback(done)
    expect(stageRelease(back, three)).toMatchObject({
      active: 'green',
      former: 'blue',
      green: { images: three, weight: 0 },
    })
  })

  it('refuses the next version in the middle of a shift', () => {
    const half = shift(stageRelease(first, two), 50)
    expect(() => stageRelease(half, three)).toThrow('A shift is under way')
  })

  it('takes over from an old deployment from 1 to 100 percent and goes back to it', () => {
    const staged = stageRelease(moving, one)
    expect(staged).toMatchObject({ active: 'blue', former: 'legacy' })
    expect(weights(shift(staged, 1))).toEqual([1, 0, 99])
    const moved = shift(staged, 100)
    expect(weights(moved)).toEqual([100, 0, 0])
    expect(weights(rollback(moved))).toEqual([0, 0, 100])
  })

  it('moves the worker when most of the traffic has moved, and the migration before any has', () => {
    const staged = stageRelease(first, two)
    expect([49, 50, 100].map((percent) => workerImage(shift(staged, percent)))).toEqual([
      one.worker,
      two.worker,
      two.worker,
    ])
    expect(migrationImage(staged)).toBe(two.worker)
    expect(workerImage(rollback(shift(staged, 100)))).toBe(one.worker)
    expect([stageRelease(fresh, one), staged, moving].map(isLive)).toEqual([false, true, false])
    expect([workerImage(fresh), workerImage(moving), migrationImage(moving)]).toEqual([null, null, null])
  })
})

describe('a release file', () => {
  const full = { images: one, weight: 100 }
  it.each([
    ['weights under 100', { blue: { ...full, weight: 99 } }, 'The weights sum up to 99'],
    ['weights over 100', { green: { images: two, weight: 1 }, former: 'green' }, 'The weights sum up to 101'],
    [
      'no weight once there was a release',
      { blue: { ...full, weight: 0 }, former: 'green' },
      'The weights sum up to 0',
    ],
    ['weight without images', { blue: { images: null, weight: 100 } }, 'blue has weight and no images'],
    [
      'weight at a third colour',
      { blue: { ...full, weight: 90 }, green: { images: two, weight: 10 } },
      'green has weight: expected weight at the active (blue) and the former (null) colour only',
    ],
    ['one colour in both parts', { former: 'blue' }, 'blue cannot be both active and former'],
    ['an old deployment without a target', { former: 'legacy' }, 'legacy is named and has no target'],
    ['half a percent', { blue: { ...full, weight: 99.5 } }, 'blue.weight'],
    ['a tag in place of a digest', { blue: { images: { ...one, web: 'latest' }, weight: 100 } }, 'blue.images.web'],
    ['a field that it does not know', { blau: full }, 'blau'],
    [
      'a network load balancer as an old deployment',
      { legacy: { weight: 0, target: { type: 'load-balancer', arn: 'arn:aws:x:loadbalancer/net/a/b', port: 80 } } },
      'expected the ARN of an Application Load Balancer',
    ],
  ])('is refused with %s', (_, over, message) => {
    expect(() => parseRelease({ active: 'blue', former: null, blue: full, green: idle, ...over })).toThrow(message)
  })

  it('is named when it is wrong or missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'releases-'))
    writeFileSync(join(folder, 'staging.json'), '{"active":')
    expect(() => readRelease(folder, 'staging')).toThrow('staging.json')
    expect(() => readRelease(folder, 'production')).toThrow('production.json')
  })
})
