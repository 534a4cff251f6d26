import { describe, expect, test } from 'vitest'
import { countHoursOf, hoursOf, weeklyLevels, weeklyMinutes } from './weekly.ts'

describe('the minutes of a week that a cron expression of AWS is due', () => {
  // Minutes from Sunday 00:00; Monday 08:00 is 1440 + 480.
  test.each([
    ['cron(0 8 ? * MON *)', [1920]],
    ['cron(0 8 ? * 2 *)', [1920]],
    ['cron(30 7 ? * MON-WED *)', [1890, 3330, 4770]],
    ['cron(0 0 ? * SAT-SUN *)', [0, 8640]],
    ['cron(0 0 ? * SUN,WED *)', [0, 4320]],
    ['cron(0,30 1 ? * 1 *)', [60, 90]],
  ])('%s', (cron, expected) => expect(weeklyMinutes(cron)).toEqual(expected))

  test('every day, and every hour', () => {
    expect(weeklyMinutes('cron(10 18 * * ? *)')).toHaveLength(7)
    expect(weeklyMinutes('cron(5 * * * ? *)')).toHaveLength(168)
  })

  test.each([
    'rate(1 day)',
    'at(2026-12-24T00:00:00)',
    'cron(0 8 1 * ? *)',
    'cron(0 8 ? 12 MON *)',
    'cron(0 8 ? * MON#1 *)',
    'cron(0 25 ? * MON *)',
    'cron(0 8 * *)',
  ])('refuses %s, which is not weekly', (cron) =>
    expect(() => weeklyMinutes(cron)).toThrow(`The price of ${cron} is not known`),
  )
})

describe('how long a number stands', () => {
  const open = { cron: 'cron(30 7 ? * MON,TUE,WED,THU,FRI *)', count: 2 }
  const close = { cron: 'cron(0 18 * * ? *)', count: 0 }

  test('a working week of 10.5 hours is 52.5 of 168, of a month of 730 hours 228.1', () => {
    expect(hoursOf(weeklyLevels([open, close]))).toBeCloseTo((52.5 / 168) * 730, 10)
    expect(countHoursOf(weeklyLevels([open, close]))).toBeCloseTo(456.25, 10)
  })

  test('goes over the end of the week', () => {
    const levels = weeklyLevels([
      { cron: 'cron(0 22 ? * SAT *)', count: 1 },
      { cron: 'cron(0 2 ? * SUN *)', count: 0 },
    ])
    expect(hoursOf(levels)).toBeCloseTo((4 / 168) * 730, 10)
  })

  test('the least of several levels counts each for its hours', () => {
    const levels = weeklyLevels([
      { cron: 'cron(0 6 ? * MON *)', count: 1 },
      { cron: 'cron(0 9 ? * MON *)', count: 3 },
      { cron: 'cron(0 12 ? * MON *)', count: 0 },
    ])
    expect(countHoursOf(levels)).toBeCloseTo(((3 * 1 + 3 * 3) / 168) * 730, 10)
  })

  test('all the time when it is always the same', () => {
    expect(hoursOf(weeklyLevels([{ cron: 'cron(0 6 ? * MON *)', count: 1 }]))).toBeCloseTo(730, 10)
  })
})
