import { describe, expect, test } from 'vitest'
import { describeHours, openForMs, opensWithinMs, type OpeningHours } from './opening-hours.ts'

const everyDay = [1, 2, 3, 4, 5, 6, 7]
const minute = 60_000
const isOpen = (hours: OpeningHours, at: string): boolean => openForMs(hours, new Date(at)) !== undefined

describe('working hours in Berlin', () => {
  const berlin: OpeningHours = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', timeZone: 'Europe/Berlin' }

  // 2026-11-20 is a Friday; Berlin is one hour ahead of UTC in winter and two in summer.
  test.each([
    ['2026-11-20T06:59:59Z', false],
    ['2026-11-20T07:00:00Z', true],
    ['2026-11-20T16:59:59Z', true],
    ['2026-11-20T17:00:00Z', false],
    ['2026-11-21T10:00:00Z', false],
    ['2026-11-22T23:30:00Z', false],
    ['2026-07-03T06:00:00Z', true],
    ['2026-07-03T05:59:59Z', false],
    ['2026-07-03T16:00:00Z', false],
  ])('%s: open is %s', (at, open) => {
    expect(isOpen(berlin, at)).toBe(open)
  })

  test('the first working day after either change of the clock begins at eight on the wall', () => {
    // 2026-03-29 and 2026-10-25 are Sundays: on Monday it is 06:00 UTC in spring, 07:00 UTC in autumn.
    expect([isOpen(berlin, '2026-03-30T05:59:59Z'), isOpen(berlin, '2026-03-30T06:00:00Z')]).toEqual([false, true])
    expect([isOpen(berlin, '2026-10-26T06:59:59Z'), isOpen(berlin, '2026-10-26T07:00:00Z')]).toEqual([false, true])
  })

  test('how long it has been open', () => {
    expect(openForMs(berlin, new Date('2026-11-20T07:00:30Z'))).toBe(0)
    expect(openForMs(berlin, new Date('2026-11-20T09:30:00Z'))).toBe(150 * minute)
  })

  test('how long until it opens, an hour at most', () => {
    expect(opensWithinMs(berlin, new Date('2026-11-20T06:45:30Z'))).toBe(14.5 * minute)
    expect(opensWithinMs(berlin, new Date('2026-11-20T06:00:00Z'))).toBe(60 * minute)
    expect(opensWithinMs(berlin, new Date('2026-11-20T18:00:00Z'))).toBe(60 * minute)
    expect(opensWithinMs(berlin, new Date('2026-11-20T12:00:00Z'))).toBe(0)
  })

  test('are told in a line', () => {
    expect(describeHours(berlin)).toBe('Mon, Tue, Wed, Thu, Fri 08:00-18:00 Europe/Berlin')
  })
})

describe('in the night when the clock is changed', () => {
  // Berlin: at 2026-03-29T01:00Z the wall goes from 02:00 to 03:00, at 2026-10-25T01:00Z from 03:00 back to 02:00.
  const berlin: OpeningHours = { days: everyDay, from: '01:30', to: '03:30', timeZone: 'Europe/Berlin' }

  test('in Berlin in spring the hours are one shorter', () => {
    expect(isOpen(berlin, '2026-03-29T00:29:59Z')).toBe(false)
    expect(isOpen(berlin, '2026-03-29T00:30:00Z')).toBe(true)
    expect(isOpen(berlin, '2026-03-29T01:29:59Z')).toBe(true)
    expect(isOpen(berlin, '2026-03-29T01:30:00Z')).toBe(false)
  })

  test('in Berlin in autumn the hours are one longer', () => {
    expect(isOpen(berlin, '2026-10-24T23:29:59Z')).toBe(false)
    expect(isOpen(berlin, '2026-10-24T23:30:00Z')).toBe(true)
    expect(isOpen(berlin, '2026-10-25T01:00:00Z')).toBe(true)
    expect(isOpen(berlin, '2026-10-25T02:29:59Z')).toBe(true)
    expect(isOpen(berlin, '2026-10-25T02:30:00Z')).toBe(false)
  })

  test('hours that begin in the hour that is left out begin when it is over', () => {
    const skipped = { ...berlin, from: '02:30' }
    expect(isOpen(skipped, '2026-03-29T00:59:59Z')).toBe(false)
    expect(isOpen(skipped, '2026-03-29T01:00:00Z')).toBe(true)
    expect(opensWithinMs(skipped, new Date('2026-03-29T00:50:00Z'))).toBe(10 * minute)
  })

  // New York: at 2026-03-08T07:00Z the wall goes from 02:00 to 03:00, at 2026-11-01T06:00Z from 02:00 back to 01:00.
  const newYork: OpeningHours = { days: everyDay, from: '01:30', to: '03:30', timeZone: 'America/New_York' }

  test('in New York in spring the hours are one shorter', () => {
    expect(isOpen(newYork, '2026-03-08T06:29:59Z')).toBe(false)
    expect(isOpen(newYork, '2026-03-08T06:30:00Z')).toBe(true)
    expect(isOpen(newYork, '2026-03-08T07:29:59Z')).toBe(true)
    expect(isOpen(newYork, '2026-03-08T07:30:00Z')).toBe(false)
  })

  test('in New York in autumn they begin twice, as the wall says half past one twice', () => {
    expect(isOpen(newYork, '2026-11-01T05:29:59Z')).toBe(false)
    expect(isOpen(newYork, '2026-11-01T05:30:00Z')).toBe(true)
    expect(isOpen(newYork, '2026-11-01T06:00:00Z')).toBe(false)
    expect(isOpen(newYork, '2026-11-01T06:30:00Z')).toBe(true)
    expect(isOpen(newYork, '2026-11-01T08:29:59Z')).toBe(true)
    expect(isOpen(newYork, '2026-11-01T08:30:00Z')).toBe(false)
  })
})
