import { z } from 'zod'

// The title of a form is what `docs/configuration.md` and every error say that it expects.

const splitAtCommas = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

export const text = (title = 'text', minLength = 1) => z.string().min(minLength).meta({ title })

export const choice = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words).meta({ title: words.join(', ').replace(/, ([^,]+)$/, ' or $1') })

export const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'])
  .transform((word) => word === 'true' || word === '1' || word === 'yes')
  .meta({ title: 'true or false' })

export const wholeNumber = (min: number, max?: number) =>
  z.coerce
    .number()
    .int()
    .min(min)
    .max(max ?? Number.MAX_SAFE_INTEGER)
    .meta({ title: max === undefined ? `a whole number, ${min} or more` : `a whole number from ${min} to ${max}` })

export const port = wholeNumber(0, 65_535)

export const numberUpTo = (max: number) =>
  z.coerce
    .number()
    .min(0)
    .max(max)
    .meta({ title: `a number from 0 to ${max}` })

export const moreThanZero = (what: string) =>
  z.coerce
    .number()
    .positive()
    .meta({ title: `${what}, more than 0` })

export const names = z.string().transform(splitAtCommas).meta({ title: 'names, separated by commas' })

export const address = (...schemes: string[]) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)))
    .meta({ title: `an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}` })

const isOrigin = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text

export const origin = z
  .string()
  .refine(isOrigin)
  .meta({ title: 'an origin such as https://news.example.org, without a path or a slash at its end' })

export const origins = z
  .string()
  .transform(splitAtCommas)
  .pipe(z.array(z.string().refine(isOrigin)))
  .meta({ title: 'origins such as https://feeds.example.org, separated by commas' })

export const matching = (pattern: RegExp, title: string) => z.string().regex(pattern).meta({ title })

/** When a team works: `from` and `to` are `HH:MM` in `timeZone` on the ISO `days` (1 is Monday). */
export interface OpeningHours {
  days: number[]
  from: string
  to: string
  timeZone: string
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

export const openingHours = z
  .string()
  .transform((text, context): OpeningHours => {
    const hours = parseOpeningHours(text)
    if (hours) return hours
    context.addIssue({ code: 'custom' })
    return z.NEVER
  })
  .meta({ title: 'days, hours of one day and an IANA time zone, such as Mon-Fri 08:00-18:00 Europe/Berlin' })

function parseOpeningHours(text: string): OpeningHours | undefined {
  const [, dayText = '', from = '', to = '', timeZone = ''] =
    /^(\S+)\s+((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)\s+(\S+)$/.exec(text.trim()) ?? []
  const days = parseDays(dayText)
  if (!days || !isTimeZone(timeZone) || from >= to) return undefined
  return { days, from, to, timeZone }
}

/** `Mon-Wed,Sat` → 1, 2, 3, 6; a range may pass Sunday. */
function parseDays(text: string): number[] | undefined {
  const days = new Set<number>()
  for (const part of text.toLowerCase().split(',')) {
    const [first, last = first] = part.split('-').map((name) => DAYS.indexOf(name))
    if (first === undefined || last === undefined || first < 0 || last < 0 || part.split('-').length > 2)
      return undefined
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day + 1)
      if (day === last) break
    }
  }
  return [...days].sort((a, b) => a - b)
}

function isTimeZone(name: string): boolean {
  try {
    // `+02:00` is a valid time zone of Intl, but knows no summer time.
    return /^[a-z]/i.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}
