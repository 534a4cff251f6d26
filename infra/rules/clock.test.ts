import { describe, expect, test } from 'vitest'
import type { Hours } from '../src/environment.ts'
import { minutesAfterClosing, minutesBeforeOpening, outsideHours, readCron, readDays } from './clock.ts'

const hours: Hours = {
  timeZone: 'Europe/Berlin',
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'],
  from: '08:00',
  to: '18:00',
  warmUpMinutes: 30,
}

describe('a cron expression of AWS', () => {
  test('strikes at one time, on days by name or on all', () => {
    expect(readCron('cron(30 7 ? * MON,FRI *)')).toEqual({ days: ['Mon', 'Fri'], minutes: 450 })
    expect(readCron('cron(10 18 * * ? *)')?.days).toHaveLength(7)
  })

  // AWS refuses the first: one of the two kinds of days must be a question mark.
  test.each(['cron(30 7 * * MON *)', 'cron(30 7 ? * MON-FRI *)', 'cron(0/5 7 * * ? *)', 'rate(1 day)', undefined])(
    'is not %s',
    (expression) => expect(readCron(expression)).toBeUndefined(),
  )
})

describe('a schedule', () => {
  const of = (expression: string) => readCron(expression)!

  test('strikes before opening, on the evening before when need be', () => {
    expect(minutesBeforeOpening(of('cron(30 7 ? * MON,TUE,WED,THU,FRI *)'), hours)).toBe(30)
    const early = { ...hours, from: '00:10' }
    expect(minutesBeforeOpening(of('cron(40 23 ? * SUN,MON,TUE,WED,THU *)'), early)).toBe(30)
  })

  test('must not open on a closed day, nor forget an open one', () => {
    expect(minutesBeforeOpening(of('cron(30 7 * * ? *)'), hours)).toBeUndefined()
    expect(minutesBeforeOpening(of('cron(30 7 ? * MON,TUE,WED,THU *)'), hours)).toBeUndefined()
    expect(minutesBeforeOpening(of('cron(30 7 ? * SUN,MON,TUE,WED,THU *)'), hours)).toBeUndefined()
  })

  test('strikes after closing, on the next day when need be', () => {
    expect(minutesAfterClosing(of('cron(10 18 * * ? *)'), hours)).toBe(10)
    const late = { ...hours, to: '23:55' }
    expect(minutesAfterClosing(of('cron(5 0 ? * TUE,WED,THU,FRI,SAT *)'), late)).toBe(10)
    expect(minutesAfterClosing(of('cron(5 0 ? * MON,TUE,WED,THU,FRI *)'), late)).toBeUndefined()
  })

  test('before closing strikes again almost a day later', () => {
    expect(minutesAfterClosing(of('cron(0 17 * * ? *)'), hours)).toBe(23 * 60)
  })
})

describe('a window in UTC', () => {
  // Summer time in Berlin in 2026: Sunday, 29 March, to Sunday, 25 October. 18:00 there is 16:00 UTC in summer and 17:00 in winter.
  test('that is inside the hours in winter alone is outside from the first open day of summer time to the last', () => {
    const outside = outsideHours('16:30-17:00', hours, 2026)
    expect(outside[0]).toBe('2026-03-30 16:30-17:00')
    expect(outside.at(-1)).toBe('2026-10-23 16:30-17:00')
  })

  test('may lie in the warm-up, and end with closing', () => {
    // 07:30 in Berlin is 05:30 UTC in summer and 06:30 in winter.
    expect(outsideHours('06:30-07:00', hours, 2026)).toEqual([])
    expect(outsideHours('15:30-16:00', hours, 2026)).toEqual([])
    expect(outsideHours('15:31-16:01', hours, 2026)).not.toEqual([])
    expect(outsideHours('06:29-06:59', hours, 2026)).not.toEqual([])
  })

  test('of a week lies on an open day', () => {
    expect(outsideHours('fri:15:00-fri:15:30', hours, 2026)).toEqual([])
    // 2026 begins on a Thursday; its Sundays are 52.
    expect(outsideHours('sun:15:00-sun:15:30', hours, 2026)).toHaveLength(52)
  })

  test('is on the day that it is there', () => {
    // 09:00 on Monday in Auckland is 20:00 or 21:00 UTC on Sunday.
    const auckland = { ...hours, timeZone: 'Pacific/Auckland', days: ['Mon'] as Hours['days'] }
    expect(outsideHours('sun:21:00-sun:21:30', auckland, 2026)).toEqual([])
    expect(outsideHours('mon:21:00-mon:21:30', auckland, 2026)).not.toEqual([])
  })

  test.each(['', 'undefined', 'at noon'])('is not %j', (text) => {
    expect(outsideHours(text, hours, 2026)).toEqual([text])
  })
})

test('days are read as ranges and lists', () => {
  expect([...readDays('Mon-Wed')]).toEqual(['Mon', 'Tue', 'Wed'])
  expect([...readDays('Mon,Fri')]).toEqual(['Mon', 'Fri'])
  expect([...readDays('Sat-Mon')]).toEqual(['Sat', 'Sun', 'Mon'])
})
