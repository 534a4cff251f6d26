/** The function did not end in its time; its thread was stopped. */
export class SandboxTimeout extends Error {
  override readonly name = 'SandboxTimeout'
}

/** The function needed more memory than it may have; its thread was stopped. */
export class SandboxOutOfMemory extends Error {
  override readonly name = 'SandboxOutOfMemory'
}

/** The thread died otherwise: it left, its result cannot be sent, or the sandbox was closed. */
export class SandboxCrashed extends Error {
  override readonly name = 'SandboxCrashed'
}
