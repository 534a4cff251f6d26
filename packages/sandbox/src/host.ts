import { describeThrown } from './thrown.ts'
import type { ThrownError } from './thrown.ts'

/** What goes into a thread: `module` is a file: URL, `name` one of its exported functions. */
export type Call = { module: string; name: string; input: unknown }

/** The one message that comes out of it. */
export type Answer = { ok: true; output: unknown } | { ok: false; thrown: ThrownError }

/** Runs in the thread. Whatever the function throws is an answer like any other. */
export async function call({ module, name, input }: Call): Promise<Answer> {
  try {
    const exported = (await import(module)) as Record<string, unknown>
    const run = exported[name]
    if (typeof run !== 'function') throw new TypeError(`expected a function ${name} in ${module}, got ${typeof run}`)
    return { ok: true, output: await run(input) }
  } catch (error) {
    return { ok: false, thrown: describeThrown(error) }
  }
}
