import { parseDate } from '@dayshift/domain/documents'

const dayMs = 86_400_000
/** Older than any feed: such a date is an empty field of a program, mostly 1970-01-01. */
const earliest = Date.UTC(1990, 0, 1)

/** The date that a feed gives as ISO 8601 in UTC, or why it is not believed. */
export function feedDate(text: string | undefined, now: number): { date?: string; note?: string } {
  const written = text?.trim()
  if (!written) return {}
  const shown = written.slice(0, 40)
  const date = parseDate(written)?.getTime()
  if (date === undefined) return { note: `date not understood: "${shown}"` }
  if (date < earliest) return { note: `date before 1990 ignored: "${shown}"` }
  if (date > now + dayMs) return { note: `date in the future ignored: "${shown}"` }
  return { date: new Date(date).toISOString() }
}
