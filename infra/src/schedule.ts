import type { Hours } from './environment.ts'

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
const MINUTES_PER_DAY = 1440
/** AWS counts a month as 730 hours; a week has 168. */
const WEEKS_PER_MONTH = 730 / 168
/** Between the start of the database and that of the tasks. RDS takes 5 to 15 minutes to start. */
const DATABASE_START_MINUTES = 20
/** Between the stop of the tasks, which take up to 110 s to end, and that of the database. */
const TASK_STOP_MINUTES = 10

/**
 * The clock's four moments as cron expressions of EventBridge Scheduler and Application Auto Scaling, in the time zone of the
 * hours: both follow its daylight saving. Stops are daily: what was woken out of hours sleeps the same evening, and so does an
 * RDS instance that started by itself, as it does after seven days.
 */
export function clock(hours: Hours): Record<'databaseStart' | 'tasksStart' | 'tasksStop' | 'databaseStop', string> {
  const { from, to } = span(hours)
  const open = hours.days.map((day) => DAYS.indexOf(day))
  return {
    databaseStart: cron(from - hours.warmUpMinutes, open),
    tasksStart: cron(from - hours.warmUpMinutes + DATABASE_START_MINUTES, open),
    tasksStop: cron(to, 'daily'),
    databaseStop: cron(to + TASK_STOP_MINUTES, 'daily'),
  }
}

/** Hours that a task runs in a month of 730 hours. */
export function taskHoursPerMonth(hours: Hours): number {
  const { from, to } = span(hours)
  return monthly(hours, to - from + hours.warmUpMinutes - DATABASE_START_MINUTES)
}

/** Hours that a database runs in a month of 730 hours, where it stops at night. */
export function databaseHoursPerMonth(hours: Hours): number {
  const { from, to } = span(hours)
  return monthly(hours, to + TASK_STOP_MINUTES - from + hours.warmUpMinutes)
}

/** `Mon-Fri 08:00-18:00 Europe/Berlin`: what the worker reads as OPENING_HOURS. */
export function openingHoursText(hours: Hours): string {
  return `${dayRange(hours, (day) => day, '-', ',')} ${hours.from}-${hours.to} ${hours.timeZone}`
}

/** For people: `Monday to Friday, 08:00 to 18:00, Europe/Berlin time`. */
export function openingHoursSentence(hours: Hours): string {
  const longNames = { Mon: 'Mon', Tue: 'Tues', Wed: 'Wednes', Thu: 'Thurs', Fri: 'Fri', Sat: 'Satur', Sun: 'Sun' }
  const days = dayRange(hours, (day) => `${longNames[day]}day`, ' to ', ', ')
  return `${days}, ${hours.from} to ${hours.to}, ${hours.timeZone} time`
}

/**
 * Windows of RDS, in UTC, which it does not move with daylight saving: they lie inside the hours in every season, because a
 * stopped instance makes no backups. Half an hour each, towards closing, the maintenance on the last open day of the week.
 * @throws Error when the hours leave no room for them all year
 */
export function databaseWindows(hours: Hours): { backup: string; maintenance: string } {
  const { from, to } = span(hours)
  const { least, most } = offsetsOf(hours.timeZone)
  const opensLatest = from - least
  const closesFirst = to - most
  if (closesFirst - 90 < opensLatest) {
    throw new Error(
      `Between ${hours.from} and ${hours.to} ${hours.timeZone} there are not 90 minutes that are open in every season, ` +
        'as the backup and the maintenance of the database need them: open longer.',
    )
  }
  return {
    backup: dailyWindow(closesFirst - 90, 30),
    maintenance: weeklyWindow(lastDay(hours), closesFirst - 45, 30),
  }
}

/**
 * Windows of ElastiCache, in UTC, for the cache never stops: outside the hours in every season. An hour each, after closing, the
 * maintenance on the last open day of the week.
 * @throws Error when the nights are too short for them
 */
export function closedWindows(hours: Hours): { snapshot: string; maintenance: string } {
  const { from, to } = span(hours)
  const { least, most } = offsetsOf(hours.timeZone)
  const closesLatest = to - least
  const opensFirst = from - hours.warmUpMinutes - most + MINUTES_PER_DAY
  if (closesLatest + 180 > opensFirst) {
    throw new Error(
      `Between ${hours.to} and ${hours.from} ${hours.timeZone} there are not three hours that are closed in every season, ` +
        'as the snapshot and the maintenance of the cache need them: close longer.',
    )
  }
  return {
    snapshot: dailyWindow(closesLatest + 30, 60),
    maintenance: weeklyWindow(lastDay(hours), closesLatest + 105, 60),
  }
}

/** A part of a day of the week in UTC: 1 is Monday, 7 is Sunday; minutes after midnight, `to` is not in it. */
interface Stretch {
  day: number
  from: number
  to: number
}

/** What of the hours is open in summer and in winter, in UTC, for what knows no time zones. The rest is an hour at most, at one end. */
export function openInEverySeason(hours: Hours): Stretch[] {
  const { from, to } = span(hours)
  const { least, most } = offsetsOf(hours.timeZone)
  return [...new Set(hours.days)].flatMap((name) => {
    const midnight = DAYS.indexOf(name) * MINUTES_PER_DAY
    return splitAtMidnight(midnight + from - least, midnight + to - most)
  })
}

function splitAtMidnight(start: number, end: number): Stretch[] {
  if (start >= end) return []
  const { day, time } = wrap(start)
  const stop = Math.min(end, (day + 1) * MINUTES_PER_DAY)
  const first = { day: (((day % 7) + 7) % 7) + 1, from: time, to: time + stop - start }
  return [first, ...splitAtMidnight(stop, end)]
}

/** Minutes after midnight. */
function span({ from, to }: Hours): { from: number; to: number } {
  return { from: minutesOf(from), to: minutesOf(to) }
}

function minutesOf(time: string): number {
  const [hour, minute] = time.split(':').map(Number)
  return hour! * 60 + minute!
}

const monthly = (hours: Hours, minutesPerDay: number): number =>
  (minutesPerDay / 60) * new Set(hours.days).size * WEEKS_PER_MONTH

const lastDay = (hours: Hours): number => Math.max(...hours.days.map((day) => DAYS.indexOf(day)))

/** Days in the order of the week: as a range when they follow one another, else as a list. */
function dayRange(hours: Hours, name: (day: (typeof DAYS)[number]) => string, to: string, and: string): string {
  const open = DAYS.filter((day) => hours.days.includes(day))
  const contiguous = DAYS.indexOf(open.at(-1)!) - DAYS.indexOf(open[0]!) === open.length - 1
  if (open.length > 1 && contiguous) return `${name(open[0]!)}${to}${name(open.at(-1)!)}`
  return open.map(name).join(and)
}

/** Days by name and one by one: in AWS's dialect the week begins on Sunday, which ranges trip over. */
function cron(minutes: number, days: number[] | 'daily'): string {
  const { day, time } = wrap(minutes)
  const at = `${time % 60} ${Math.floor(time / 60)}`
  if (days === 'daily') return `cron(${at} * * ? *)`
  const names = [...new Set(days)].sort((a, b) => a - b).map((open) => dayName(open + day).toUpperCase())
  return `cron(${at} ? * ${names.join(',')} *)`
}

const dailyWindow = (start: number, minutes: number): string => `${clockTime(start)}-${clockTime(start + minutes)}`

function weeklyWindow(day: number, start: number, minutes: number): string {
  const moment = (at: number): string => `${dayName(day + wrap(at).day).toLowerCase()}:${clockTime(at)}`
  return `${moment(start)}-${moment(start + minutes)}`
}

function clockTime(minutes: number): string {
  const { time } = wrap(minutes)
  return `${String(Math.floor(time / 60)).padStart(2, '0')}:${String(time % 60).padStart(2, '0')}`
}

/** Minutes after a midnight as the days and minutes that they are: -30 is 23:30 of the day before. */
function wrap(minutes: number): { day: number; time: number } {
  const day = Math.floor(minutes / MINUTES_PER_DAY)
  return { day, time: minutes - day * MINUTES_PER_DAY }
}

const dayName = (day: number): string => DAYS[(day + 7) % 7]!

/** The least and the most minutes that a zone is ahead of UTC in this year. */
function offsetsOf(timeZone: string): { least: number; most: number } {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  const year = new Date().getUTCFullYear()
  const offsets = Array.from({ length: 366 }, (_, i) => offsetAt(format, new Date(Date.UTC(year, 0, 1 + i, 12))))
  return { least: Math.min(...offsets), most: Math.max(...offsets) }
}

/** Intl says `GMT`, `GMT+10:30` or `GMT-05:00`. */
function offsetAt(format: Intl.DateTimeFormat, date: Date): number {
  const name = format.formatToParts(date).find(({ type }) => type === 'timeZoneName')!.value
  const [, sign, hour = 0, minute = 0] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name)!
  return (sign === '-' ? -1 : 1) * (Number(hour) * 60 + Number(minute))
}
