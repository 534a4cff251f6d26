export { SandboxCrashed, SandboxOutOfMemory, SandboxTimeout } from './errors.ts'
export { createSandbox } from './sandbox.ts'
export type { Sandbox, SandboxOptions } from './sandbox.ts'
