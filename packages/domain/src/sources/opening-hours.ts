import { z } from 'zod'

const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected HH:MM')

/** When sources are checked: `from` to before `to` by the clock on the wall in `timeZone`, on these days (ISO, 1 is Monday). */
export const OpeningHours = z.object({
  days: z.array(z.int().min(1).max(7)).min(1),
  from: wallTime,
  to: wallTime,
  timeZone: z.string(),
})
export type OpeningHours = z.output<typeof OpeningHours>

const MINUTE_MS = 60_000
const LOOK_AHEAD_MINUTES = 60
const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** How long it has been open, by the clock on the wall; undefined when it is closed. */
export function openForMs({ days, from, to, timeZone }: OpeningHours, at: Date): number | undefined {
  const { day, time } = onTheWall(at, timeZone)
  if (!days.includes(day) || time < from || time >= to) return undefined
  return (minutesOf(time) - minutesOf(from)) * MINUTE_MS
}

/**
 * Until it opens, but an hour at most. Minute by minute rather than by sums of hours: on the night when the clock is
 * changed only the wall knows.
 */
export function opensWithinMs(hours: OpeningHours, at: Date): number {
  const thisMinute = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS
  for (let ahead = 0; ahead < LOOK_AHEAD_MINUTES; ahead++) {
    const minute = thisMinute + ahead * MINUTE_MS
    if (openForMs(hours, new Date(minute)) !== undefined) return Math.max(0, minute - at.getTime())
  }
  return LOOK_AHEAD_MINUTES * MINUTE_MS
}

/** `Mon, Tue 08:00-18:00 Europe/Berlin`. */
export const describeHours = ({ days, from, to, timeZone }: OpeningHours): string =>
  `${days.map((day) => dayNames[day - 1]).join(', ')} ${from}-${to} ${timeZone}`

function onTheWall(at: Date, timeZone: string): { day: number; time: string } {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((part) => part.type === type)?.value ?? ''
  return { day: dayNames.indexOf(part('weekday')) + 1, time: `${part('hour')}:${part('minute')}` }
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
