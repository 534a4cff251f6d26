export type Clock = () => Date

export const systemClock: Clock = () => new Date()

/** Kept this much longer than needed, so that the clocks of the store and of the processes may differ. */
export const clockMarginMs = 10_000

/** A name that is safe as a part of a key. Throws RangeError. */
export function checkName(name: string): string {
  if (/^[a-z][a-z0-9-]*$/.test(name)) return name
  throw new RangeError(`The name ${JSON.stringify(name)} must be lower-case letters, digits and hyphens`)
}

/** A whole number of at least 1. Throws RangeError. */
export function requirePositive(what: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new RangeError(`${what} is ${value}; expected a whole number of at least 1`)
}
