import { describe, expect, it } from 'vitest'
import { Hours } from './environment.ts'
import {
  clock,
  closedWindows,
  databaseHoursPerMonth,
  databaseWindows,
  openingHoursSentence,
  openingHoursText,
  taskHoursPerMonth,
} from './schedule.ts'

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri']
const hoursOf = (timeZone: string, over: object = {}) =>
  Hours.parse({ timeZone, days: weekdays, from: '08:00', to: '18:00', ...over })
const berlin = hoursOf('Europe/Berlin')

describe('the clock', () => {
  it('starts the database half an hour before opening, the tasks 20 minutes after it, and stops the tasks first', () => {
    expect(clock(berlin)).toEqual({
      databaseStart: 'cron(30 7 ? * MON,TUE,WED,THU,FRI *)',
      tasksStart: 'cron(50 7 ? * MON,TUE,WED,THU,FRI *)',
      tasksStop: 'cron(0 18 * * ? *)',
      databaseStop: 'cron(10 18 * * ? *)',
    })
  })

  it('starts on the day before when the warm-up begins before midnight', () => {
    const { databaseStart, tasksStart } = clock(hoursOf('UTC', { days: ['Sun', 'Mon'], from: '00:15', to: '09:00' }))
    expect(databaseStart).toBe('cron(45 23 ? * SUN,SAT *)')
    expect(tasksStart).toBe('cron(5 0 ? * MON,SUN *)')
  })

  it('stops the database after midnight when the tasks stop shortly before it', () => {
    expect(clock(hoursOf('UTC', { to: '23:55' })).databaseStop).toBe('cron(5 0 * * ? *)')
  })

  it('refuses hours that end before they begin', () => {
    expect(() => clock(hoursOf('UTC', { from: '18:00', to: '08:00' }))).toThrow('18:00 to 08:00 end before they begin')
  })
})

describe('the hours that are paid for', () => {
  // 5 days x 730 / 168 weeks = 21.726 days a month.
  it('counts the tasks from ten minutes before opening to closing', () => {
    expect(taskHoursPerMonth(berlin)).toBeCloseTo(21.726 * (10 + 10 / 60), 1)
  })

  it('counts the database from half an hour before opening to ten minutes after closing', () => {
    expect(databaseHoursPerMonth(berlin)).toBeCloseTo(21.726 * (10 + 40 / 60), 1)
  })
})

describe('the hours in words', () => {
  it.each([
    [weekdays, 'Mon-Fri 08:00-18:00 Europe/Berlin', 'Monday to Friday, 08:00 to 18:00, Europe/Berlin time'],
    [['Sun', 'Sat'], 'Sat-Sun 08:00-18:00 Europe/Berlin', 'Saturday to Sunday, 08:00 to 18:00, Europe/Berlin time'],
    [
      ['Mon', 'Wed', 'Thu'],
      'Mon,Wed,Thu 08:00-18:00 Europe/Berlin',
      'Monday, Wednesday, Thursday, 08:00 to 18:00, Europe/Berlin time',
    ],
    [['Tue'], 'Tue 08:00-18:00 Europe/Berlin', 'Tuesday, 08:00 to 18:00, Europe/Berlin time'],
  ])('names %j', (days, text, sentence) => {
    expect(openingHoursText(hoursOf('Europe/Berlin', { days }))).toBe(text)
    expect(openingHoursSentence(hoursOf('Europe/Berlin', { days }))).toBe(sentence)
  })
})

describe('the windows of the database, in UTC', () => {
  // By hand: open in every season from (from - least offset) to (to - most offset); backup 90 to 60 minutes, maintenance 45 to 15
  // minutes before that end.
  it.each([
    // +01:00 and +02:00: open from 07:00 to 16:00.
    ['Europe/Berlin', {}, '14:30-15:00', 'fri:15:15-fri:15:45'],
    // -05:00 and -04:00: open from 13:00 to 22:00.
    ['America/New_York', {}, '20:30-21:00', 'fri:21:15-fri:21:45'],
    // +05:30 all year: open from 02:30 to 12:30.
    ['Asia/Kolkata', {}, '11:00-11:30', 'fri:11:45-fri:12:15'],
    // +10:30 and +11:00: open from 21:30 of the day before to 07:00.
    ['Australia/Lord_Howe', {}, '05:30-06:00', 'fri:06:15-fri:06:45'],
    // Closing at 22:00 is 02:00 of the next day: the window lies on Saturday, and crosses no midnight.
    ['America/New_York', { to: '22:00' }, '00:30-01:00', 'sat:01:15-sat:01:45'],
    // Closing at 20:30 is 00:30 of the next day: the maintenance crosses midnight, the backup ends before it.
    ['America/New_York', { to: '20:30' }, '23:00-23:30', 'fri:23:45-sat:00:15'],
    // Closing at 10:00 is 23:00 of the day before.
    ['Australia/Lord_Howe', { from: '06:00', to: '10:00' }, '21:30-22:00', 'thu:22:15-thu:22:45'],
  ])('lie inside the hours of %s %j in summer and winter', (timeZone, over, backup, maintenance) => {
    expect(databaseWindows(hoursOf(timeZone, over))).toEqual({ backup, maintenance })
  })

  it('are on the last open day of the week, however the days are listed', () => {
    expect(databaseWindows(hoursOf('UTC', { days: ['Wed', 'Mon'] })).maintenance).toBe('wed:17:15-wed:17:45')
  })

  it('are refused when the hours are too short in one of the seasons', () => {
    // Berlin moves by an hour: of 150 minutes 90 are open in both.
    expect(databaseWindows(hoursOf('Europe/Berlin', { to: '10:30' })).backup).toBe('07:00-07:30')
    expect(() => databaseWindows(hoursOf('Europe/Berlin', { to: '10:29' }))).toThrow('open longer')
  })
})

describe('the windows of the cache, in UTC', () => {
  // By hand: closed in every season from (to - least offset) to (from - warm-up - most offset); snapshot 30 to 90 minutes and
  // maintenance 105 to 165 minutes after that beginning.
  it.each([
    // Closed from 17:00.
    ['Europe/Berlin', '17:30-18:30', 'fri:18:45-fri:19:45'],
    // Closed from 23:00.
    ['America/New_York', '23:30-00:30', 'sat:00:45-sat:01:45'],
    // Closed from 12:30.
    ['Asia/Kolkata', '13:00-14:00', 'fri:14:15-fri:15:15'],
    // Closed from 07:30.
    ['Australia/Lord_Howe', '08:00-09:00', 'fri:09:15-fri:10:15'],
  ])('lie outside the hours of %s in summer and winter', (timeZone, snapshot, maintenance) => {
    expect(closedWindows(hoursOf(timeZone))).toEqual({ snapshot, maintenance })
  })

  it('are refused when the nights are too short', () => {
    expect(closedWindows(hoursOf('UTC', { from: '01:00', to: '21:30' })).snapshot).toBe('22:00-23:00')
    expect(() => closedWindows(hoursOf('UTC', { from: '01:00', to: '21:31' }))).toThrow('close longer')
  })
})
