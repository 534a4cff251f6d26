/** Thrown by a job whose work can never succeed: it is dead at once. */
export class PermanentError extends Error {
  override name = 'PermanentError'
}

/** Thrown by a job that must wait for something outside: it runs again after `delayMs` and loses no attempt. */
export class RetryLater extends Error {
  override name = 'RetryLater'
  readonly delayMs: number

  constructor(message: string, delayMs: number) {
    super(message)
    this.delayMs = delayMs
  }
}

/** An input that its job does not take, or that JSON in PostgreSQL cannot hold. */
export class InvalidInputError extends Error {
  override name = 'InvalidInputError'
}
