import type { ObjectValue, Value } from '../values.ts'

/** What AWS accepts as one argument; the provider or the API refuses everything else. */
export interface Check {
  expected: string
  holds: (value: string | number | boolean) => boolean
}

/** What must hold between the arguments of one resource: answers with the fault, or nothing. */
export type Relation = (config: ObjectValue) => { at: string; fault: string } | undefined

/** The checks of a resource type: by the path of the argument, blocks joined by a point, lists and sets without an index. */
interface TypeChecks {
  arguments?: Record<string, Check>
  relations?: Relation[]
}

export type Checks = Record<string, TypeChecks>

export function oneOf(...given: (string | number | number[])[]): Check {
  const values = given.flat()
  return { expected: `one of ${values.join(', ')}`, holds: (value) => values.includes(value as string | number) }
}

/** The values of an enumeration of the AWS SDK. */
export const enumerated = (values: Record<string, string>): Check => oneOf(...Object.values(values))

export function matches(pattern: RegExp, expected: string): Check {
  return { expected, holds: (value) => typeof value === 'string' && pattern.test(value) }
}

export function between(least: number, most: number): Check {
  return { expected: `${least} to ${most}`, holds: (value) => Number(value) >= least && Number(value) <= most }
}

export function eitherOf(first: Check, second: Check): Check {
  return {
    expected: `${first.expected}, or ${second.expected}`,
    holds: (value) => first.holds(value) || second.holds(value),
  }
}

/** A name of letters, digits and the characters in `others` (written as in a character class). */
export function name(longest: number, others = '-', shortest = 1): Check {
  return matches(
    new RegExp(`^[A-Za-z0-9${others}]{${shortest},${longest}}$`),
    `${shortest} to ${longest} letters, digits or characters of "${others.replaceAll('\\', '')}"`,
  )
}

export function atMostOne(...names: string[]): Relation {
  return (config) => {
    const given = names.filter((each) => isGiven(config[each]))
    return given.length > 1
      ? { at: given[1] ?? '', fault: `expected at most one of ${names.join(', ')}; ${given.join(' and ')} came` }
      : undefined
  }
}

export function exactlyOne(...names: string[]): Relation {
  return (config) => {
    const given = names.filter((each) => isGiven(config[each]))
    return given.length === 1
      ? undefined
      : { at: names[0] ?? '', fault: `expected exactly one of ${names.join(', ')}; ${given.length} came` }
  }
}

/** `needed` must be given with `first`, or with a certain value of it. */
export function needs(first: string, needed: string, when?: Value): Relation {
  return (config) =>
    (when === undefined ? isGiven(config[first]) : config[first] === when) && !isGiven(config[needed])
      ? { at: first, fault: `expected ${needed} with ${first}; it is missing` }
      : undefined
}

/** An unknown value counts as given; an empty block list does not. */
export function isGiven(value: Value | undefined): boolean {
  return value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)
}

/** IANA names, as EventBridge Scheduler and Application Auto Scaling take them. */
export const timeZone: Check = {
  expected: 'an IANA time zone',
  holds: (value) => value === 'UTC' || Intl.supportedValuesOf('timeZone').includes(String(value)),
}

/**
 * `cron(minutes hours day-of-month month day-of-week year)` with `?` in one of the day fields, `rate(…)` or `at(…)`.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export const schedule: Check = {
  expected:
    'cron(…) with six fields and ? in exactly one of the day fields, rate(number unit) or at(yyyy-mm-ddThh:mm:ss)',
  holds: (value) => {
    const cron = /^cron\(([^()]+)\)$/.exec(String(value))?.[1]?.split(' ')
    if (cron) return cron.length === 6 && cron.every((field) => field !== '') && (cron[2] === '?') !== (cron[4] === '?')
    return /^rate\([1-9]\d* (minute|hour|day)s?\)$|^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/.test(String(value))
  },
}
