const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long ago, or in how long: `now`, `5 min ago`, `in 3 h`, `2 d ago`; after a week the day, with the year when it is another. */
export function relativeTime(date: Date, now: Date, timeZone?: string): string {
  const distanceMs = date.getTime() - now.getTime()
  const sizeMs = Math.abs(distanceMs)
  if (sizeMs < MINUTE_MS) return 'now'
  if (sizeMs >= 7 * DAY_MS) return calendarDay(date, now, timeZone)
  const [unitMs, unit] =
    sizeMs < HOUR_MS ? [MINUTE_MS, 'min'] : sizeMs < DAY_MS ? [HOUR_MS, 'h'] : ([DAY_MS, 'd'] as const)
  const count = `${Math.floor(sizeMs / unitMs)} ${unit}`
  return distanceMs < 0 ? `${count} ago` : `in ${count}`
}

function calendarDay(date: Date, now: Date, timeZone: string | undefined): string {
  const zone = timeZone === undefined ? {} : { timeZone }
  const year = new Intl.DateTimeFormat('en-GB', { year: 'numeric', ...zone })
  const sameYear = year.format(date) === year.format(now)
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
    ...zone,
  }).format(date)
}

/** The moment in full, in the reader's zone. */
export const absoluteTime = (date: Date): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' }).format(date)

/** How long something took: `340 ms`, `4.2 s`, `3 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < MINUTE_MS) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.round(ms / MINUTE_MS)} min`
}
