export { contentDisposition } from './content-disposition.ts'
export {
  ChecksumMismatch,
  DeleteFailed,
  InvalidKey,
  InvalidOption,
  ObjectConflict,
  ObjectCorrupt,
  ObjectExists,
  ObjectNotFound,
  RangeNotSatisfiable,
  SignedUrlRefused,
} from './errors.ts'
export { createFolderObjects, type FolderObjects, type FolderObjectsOptions } from './folder/folder-objects.ts'
export type { SignedRequest } from './folder/signed-url.ts'
export type * from './object-store.ts'
