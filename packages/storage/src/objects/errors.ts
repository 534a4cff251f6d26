/** The key breaks a rule of keys (see checkKey); nothing was read or written. */
export class InvalidKey extends Error {
  override name = 'InvalidKey'
}

/** An option has a value that one of the drivers could not honour; nothing was read or written. */
export class InvalidOption extends Error {
  override name = 'InvalidOption'
}

/** There is no object under this key. */
export class ObjectNotFound extends Error {
  override name = 'ObjectNotFound'
  readonly key: string

  constructor(key: string) {
    super(`There is no object ${JSON.stringify(key)}.`)
    this.key = key
  }
}

/** `ifAbsent` was asked for and there is an object already; it was left as it is. */
export class ObjectExists extends Error {
  override name = 'ObjectExists'
  readonly key: string

  constructor(key: string) {
    super(`There is already an object ${JSON.stringify(key)}, and it was to be stored only if absent.`)
    this.key = key
  }
}

/** Another write or delete of the same key crossed this one, which stored nothing; it can be tried again. */
export class ObjectConflict extends Error {
  override name = 'ObjectConflict'
  readonly key: string

  constructor(key: string) {
    super(`Another write or delete of ${JSON.stringify(key)} crossed this one; nothing was stored, try again.`)
    this.key = key
  }
}

/** The bytes given to `put` have another SHA-256 than the caller said; nothing was stored. */
export class ChecksumMismatch extends Error {
  override name = 'ChecksumMismatch'

  constructor(key: string, expected: string, actual: string) {
    super(`The bytes for ${JSON.stringify(key)} have SHA-256 ${actual}, expected ${expected}; nothing was stored.`)
  }
}

/** What is stored under this key is not what was once put there. */
export class ObjectCorrupt extends Error {
  override name = 'ObjectCorrupt'
  readonly key: string

  constructor(key: string, reason: string) {
    super(`The object ${JSON.stringify(key)} is damaged: ${reason}.`)
    this.key = key
  }
}

/** The range asked for has no byte of the object in it. */
export class RangeNotSatisfiable extends Error {
  override name = 'RangeNotSatisfiable'

  constructor(key: string, range: object) {
    super(`The range ${JSON.stringify(range)} selects no byte of ${JSON.stringify(key)}.`)
  }
}

/** Some objects could not be deleted; `keys` are those that are still there, all others are gone. */
export class DeleteFailed extends Error {
  override name = 'DeleteFailed'
  readonly keys: string[]

  constructor(failures: { key: string; reason: string }[]) {
    const [first] = failures
    super(
      `${failures.length} objects could not be deleted; the first is ${JSON.stringify(first?.key)}: ${first?.reason}.`,
    )
    this.keys = failures.map(({ key }) => key)
  }
}

/** A signed URL that grants nothing: it was altered, is for another method or store, or is past its time. */
export class SignedUrlRefused extends Error {
  override name = 'SignedUrlRefused'
  readonly reason: 'invalid' | 'expired'

  constructor(reason: 'invalid' | 'expired') {
    super(reason === 'expired' ? 'The signed URL has expired.' : 'The signature of the URL is missing or wrong.')
    this.reason = reason
  }
}

/** Undefined in place of ObjectNotFound. */
export async function orAbsent<Found>(found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined
    throw error
  }
}
