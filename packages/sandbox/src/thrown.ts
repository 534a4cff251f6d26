/** An Error as plain data. Structured clone alone drops own names of errors and properties such as `code`. */
export type ThrownError = { name: string; message: string; stack: string | undefined; own: [string, unknown][] }

/** Anything thrown, as data that can be sent; own properties that cannot are left out. */
export function describeThrown(thrown: unknown): ThrownError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown), stack: undefined, own: [] }
  const own = Object.entries(thrown).filter(([, value]) => isCloneable(value))
  return { name: thrown.name, message: thrown.message, stack: thrown.stack, own }
}

/** The Error again: same name, message, stack and enumerable own properties; its class is Error. */
export function rebuildError(thrown: ThrownError): Error {
  const error = new Error(thrown.message)
  define(error, 'name', thrown.name, false)
  if (thrown.stack !== undefined) define(error, 'stack', thrown.stack, false)
  // Defined, not assigned: a property called __proto__ stays a property.
  for (const [key, value] of thrown.own) define(error, key, value, true)
  return error
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true })
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
