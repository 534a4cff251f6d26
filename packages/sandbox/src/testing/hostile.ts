import { threadId } from 'node:worker_threads'

/** What foreign documents do to parsers, as functions. */

class Rejected extends Error {
  override readonly name = 'Rejected'
  readonly code = 'too-deep'
  readonly callback = () => undefined
}

export function double(count: number): number {
  return count * 2
}

export async function countBytes(bytes: Uint8Array): Promise<number> {
  return bytes.length
}

export function loopForever(): never {
  for (;;) Math.sqrt(2)
}

export function neverSettle(): Promise<never> {
  return new Promise(() => undefined)
}

export function eatHeap(): number {
  const eaten: object[] = []
  for (;;) eaten.push({ size: eaten.length, text: `item ${eaten.length}` })
}

/** Outside the heap that a thread's limit counts. */
export function eatBuffers(): number {
  const eaten: Uint8Array[] = []
  for (;;) eaten.push(new Uint8Array(4_000_000).fill(1))
}

export function recurse(depth: number): number {
  return 1 + recurse(depth + 1)
}

export function exit(): void {
  process.exit(3)
}

export function reject(message: string): never {
  throw new Rejected(message)
}

export function throwText(text: string): never {
  // eslint-disable-next-line no-throw-literal
  throw text
}

export function returnFunction(): () => void {
  return () => undefined
}

export function environment(): string[] {
  return Object.keys(process.env)
}

/** Looks pure, and pulls the thread down under whoever comes next. */
export function leaveBomb(): string {
  setTimeout(() => process.exit(4), 20)
  return 'fine'
}

export async function rest(ms: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return 'rested'
}

export function thread(): number {
  return threadId
}
