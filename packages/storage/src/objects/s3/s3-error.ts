import { invalid } from '../checks.ts'
import { ObjectConflict, ObjectCorrupt, ObjectExists, ObjectNotFound, RangeNotSatisfiable } from '../errors.ts'

/** What an answer of S3 means for the object; any other error (access, network, no such bucket) stays as it is. */
export function toObjectError(error: unknown, key: string, range: object = {}): unknown {
  if (!(error instanceof Error)) return error
  // HEAD has no body, hence no code: NotFound is all that is known.
  if (error.name === 'NoSuchKey' || error.name === 'NotFound') return new ObjectNotFound(key)
  if (error.name === 'PreconditionFailed') return new ObjectExists(key)
  if (error.name === 'ConditionalRequestConflict') return new ObjectConflict(key)
  if (error.name === 'InvalidRange') return new RangeNotSatisfiable(key, range)
  // The SDK's own check of the checksum that S3 sent; it has no other name.
  if (error.message.startsWith('Checksum mismatch')) return new ObjectCorrupt(key, error.message)
  return error
}

export function toListError(error: unknown, cursor: string | undefined): unknown {
  const isRefused = error instanceof Error && error.name === 'InvalidArgument' && cursor !== undefined
  return isRefused ? invalid('cursor', 'the cursor of a page before', cursor) : error
}
