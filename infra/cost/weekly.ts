/** AWS counts a month as 730 hours. */
export const MONTH_HOURS = 730
export const WEEK_HOURS = 168
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const DAY_MINUTES = 1440

/** So many at once, for so many hours a month. */
export interface Level {
  count: number
  hours: number
}

/** At `cron`, the number becomes `count`. */
export interface Change {
  cron: string
  count: number
}

/**
 * How long each number stands in a month in which every week is like the next. A change to what already is changes nothing.
 * Throws for a cron expression that does not repeat weekly.
 */
export function weeklyLevels(changes: Change[]): Level[] {
  const moments = changes
    .flatMap(({ cron, count }) => weeklyMinutes(cron).map((minute) => ({ minute, count })))
    .toSorted((a, b) => a.minute - b.minute)
  const hours = new Map<number, number>()
  for (const [index, { minute, count }] of moments.entries()) {
    const next = moments[index + 1]?.minute ?? moments[0]!.minute + WEEK_HOURS * 60
    hours.set(count, (hours.get(count) ?? 0) + (next - minute) / 60)
  }
  return [...hours].map(([count, weekly]) => ({ count, hours: (weekly * MONTH_HOURS) / WEEK_HOURS }))
}

export const hoursOf = (levels: Level[]): number =>
  levels.reduce((sum, { count, hours }) => sum + (count > 0 ? hours : 0), 0)

/** Two at once for an hour are two. */
export const countHoursOf = (levels: Level[]): number =>
  levels.reduce((sum, { count, hours }) => sum + count * hours, 0)

/**
 * The minutes of a week, from Sunday 00:00, at which `cron(minutes hours day-of-month month day-of-week year)` is due.
 * The dialect is that of Application Auto Scaling and EventBridge Scheduler: 1 or SUN is Sunday, `?` is any.
 */
export function weeklyMinutes(cron: string): number[] {
  const refuse = () =>
    new Error(`The price of ${cron} is not known: expected cron(minutes hours ? * days *), every week.`)
  const [minutes, hours, dayOfMonth, month, days, year, ...more] =
    /^cron\((.*)\)$/.exec(cron)?.[1]?.trim().split(/\s+/) ?? []
  if (!minutes || !hours || !days || more.length > 0) throw refuse()
  if (!isAny(dayOfMonth) || !isAny(month) || !isAny(year)) throw refuse()
  const found = listOf(days, 1, 7, refuse).flatMap((day) =>
    listOf(hours, 0, 23, refuse).flatMap((hour) =>
      listOf(minutes, 0, 59, refuse).map((minute) => (day - 1) * DAY_MINUTES + hour * 60 + minute),
    ),
  )
  return [...new Set(found)].toSorted((a, b) => a - b)
}

const isAny = (field: string | undefined): boolean => field === '*' || field === '?'

function listOf(field: string, first: number, last: number, refuse: () => Error): number[] {
  if (isAny(field)) return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  const numberOf = (text: string): number => {
    const day = last === 7 ? DAYS.indexOf(text.toUpperCase()) + 1 : 0
    const number = day > 0 ? day : /^\d+$/.test(text) ? Number(text) : NaN
    if (!(number >= first && number <= last)) throw refuse()
    return number
  }
  return field.split(',').flatMap((part) => {
    const [from, to, ...more] = part.split('-').map(numberOf)
    if (more.length > 0) throw refuse()
    if (to === undefined) return [from!]
    // SAT-MON goes over the end of the week.
    const length = to >= from! ? to - from! : to + last - from!
    return Array.from({ length: length + 1 }, (_, index) => ((from! - first + index) % (last - first + 1)) + first)
  })
}
