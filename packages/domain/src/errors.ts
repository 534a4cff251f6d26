/** What can go wrong in our own words. Nothing here knows of HTTP: the web translates, in one table. */
export abstract class DomainError extends Error {
  /** Machine-readable, stable: clients may branch on it. */
  abstract readonly code: string
}

/** There is no such thing, or not for this account. */
export class NotFound extends DomainError {
  override name = 'NotFound'
  readonly code = 'not-found'
  constructor(kind: string, id: string) {
    super(`There is no ${kind} ${id}.`)
  }
}

/** For jobs: what they were for was removed meanwhile. */
export const isGone = (error: unknown): boolean => error instanceof NotFound

/** The input does not say what it must; `field` names the part. */
export class Invalid extends DomainError {
  override name = 'Invalid'
  readonly code = 'invalid'
  readonly field: string | undefined
  constructor(message: string, field?: string) {
    super(message)
    this.field = field
  }
}

/** The input is sound but clashes with what is there. */
export class Conflict extends DomainError {
  override name = 'Conflict'
  readonly code = 'conflict'
}

/** Nobody is signed in, or the proof was wrong. */
export class NotSignedIn extends DomainError {
  override name = 'NotSignedIn'
  readonly code = 'not-signed-in'
}

/** Somebody is signed in who may not do this. */
export class NotAllowed extends DomainError {
  override name = 'NotAllowed'
  readonly code = 'not-allowed'
}

/** More than the stated limit. */
export class TooLarge extends DomainError {
  override name = 'TooLarge'
  readonly code = 'too-large'
}
