import type { Hours } from '../src/environment.ts'

// Reads schedules as AWS does, apart from the code that writes them: what it writes wrongly must not be read wrongly the same way.

const MINUTES_PER_DAY = 1440
const DAY_MS = 86_400_000
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
type Day = (typeof days)[number]

/** When a schedule strikes, in its own time zone. */
export interface Strike {
  days: Day[]
  /** After midnight. */
  minutes: number
}

/**
 * `cron(minutes hours day-of-month month day-of-week year)` with one time, on days by name or on all.
 * EventBridge Scheduler user guide, "Cron-based schedules"; nothing for what is not of that form.
 */
export function readCron(expression: unknown): Strike | undefined {
  const [, minute, hour, ofMonth, ofWeek] =
    /^cron\((\d+) (\d+) (\?|\*) \* (\?|\*|[A-Z,]+) \*\)$/.exec(String(expression)) ?? []
  if (minute === undefined || (ofMonth === '?') === (ofWeek === '?')) return undefined
  const named = ofWeek!.split(',').map((name) => days.find((day) => day.toUpperCase() === name))
  const isDaily = ofWeek === '?' || ofWeek === '*'
  if (!isDaily && named.includes(undefined)) return undefined
  return { days: isDaily ? [...days] : (named as Day[]), minutes: Number(hour) * 60 + Number(minute) }
}

/** Days of `Mon-Fri` or `Mon,Wed`, as the worker reads them; ranges may pass the end of the week. */
export function readDays(text: string): Set<string> {
  const numbers = text.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map((name) => days.findIndex((day) => day === name))
    return Array.from({ length: ((last! - first! + 7) % 7) + 1 }, (_, n) => (first! + n) % 7)
  })
  return new Set(numbers.map((number) => String(days[number])))
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

/** How long before opening a schedule strikes on the open days, or nothing when it does not strike for each of them alone. */
export function minutesBeforeOpening({ days: struck, minutes }: Strike, hours: Hours): number | undefined {
  const from = minutesOf(hours.from)
  const isEarlier = minutes > from
  const expected = hours.days.map((day) => days[(days.indexOf(day) + (isEarlier ? 6 : 7)) % 7]!)
  const isForEach = new Set(struck).size === expected.length && expected.every((day) => struck.includes(day))
  return isForEach ? from - minutes + (isEarlier ? MINUTES_PER_DAY : 0) : undefined
}

/** How long after closing a schedule strikes next, on every open day at least. */
export function minutesAfterClosing({ days: struck, minutes }: Strike, hours: Hours): number | undefined {
  const after = (minutes - minutesOf(hours.to) + MINUTES_PER_DAY) % MINUTES_PER_DAY
  const isNextDay = minutes < minutesOf(hours.to)
  const expected = hours.days.map((day) => days[(days.indexOf(day) + (isNextDay ? 1 : 0)) % 7]!)
  return expected.every((day) => struck.includes(day)) ? after : undefined
}

/**
 * Days of a year, as `2026-03-29 05:10-05:40`, on which a window of RDS in UTC is not within the running hours: `14:30-15:00` each
 * day, or `fri:15:15-fri:15:45` each week. RDS does not move them with daylight saving.
 */
export function outsideHours(window: string, hours: Hours, year: number): string[] {
  const [, day, start, , end] = /^(?:(\w{3}):)?(\d\d:\d\d)-(?:(\w{3}):)?(\d\d:\d\d)$/.exec(window) ?? []
  if (start === undefined || end === undefined) return [window]
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: hours.timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const length = (minutesOf(end) - minutesOf(start) + MINUTES_PER_DAY) % MINUTES_PER_DAY
  const running = { from: minutesOf(hours.from) - hours.warmUpMinutes, to: minutesOf(hours.to) }
  let wholeDays = 0
  const outside: string[] = []
  for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += DAY_MS) {
    const weekday = days[new Date(at).getUTCDay()]!
    if (day !== undefined && weekday.toLowerCase() !== day) continue
    const local = localOf(format, at + minutesOf(start) * 60_000)
    const isOpenDay = hours.days.includes(local.day)
    const isInside = isOpenDay && local.minutes >= running.from && local.minutes + length <= running.to
    if (isInside) wholeDays += 1
    // A daily window on a closed day finds the database stopped, and nothing has changed since the day before.
    else if (day !== undefined || isOpenDay) outside.push(`${new Date(at).toISOString().slice(0, 10)} ${start}-${end}`)
  }
  return wholeDays === 0 && outside.length === 0 ? [window] : outside
}

function localOf(format: Intl.DateTimeFormat, at: number): { day: Day; minutes: number } {
  const parts = Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]))
  return { day: parts.weekday as Day, minutes: Number(parts.hour) * 60 + Number(parts.minute) }
}
