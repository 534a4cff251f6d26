import { fileURLToPath } from 'node:url'

import type { Piscina } from 'piscina'

import { SandboxCrashed, SandboxOutOfMemory, SandboxTimeout } from './errors.ts'
import type { Answer, Call } from './host.ts'

export type LaneSettings = { heapMb: number; idleTimeoutMs: number }

/** One thread at a time and one call at a time on it; the thread is started when needed and leaves when idle. */
export type Lane = {
  /** Throws SandboxTimeout, SandboxOutOfMemory or SandboxCrashed. */
  run(call: Call, timeoutMs: number): Promise<Answer>
  close(): Promise<void>
}

const watchIntervalMs = 50
const bytesPerMb = 1_048_576

export function createLane({ heapMb, idleTimeoutMs }: LaneSettings): Lane {
  let opening: Promise<Piscina> | undefined
  let callsOnThread = 0
  let closed = false

  // Loaded with the first call: a process that parses nothing does without.
  async function open(): Promise<Piscina> {
    const { Piscina } = await import('piscina')
    const pool = new Piscina({
      filename: fileURLToPath(new URL('host.ts', import.meta.url)),
      name: 'call',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: idleTimeoutMs,
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
      // A thread sees no secret of the process, and none of its loaders and flags.
      env: {},
      argv: [],
      execArgv: [],
      recordTiming: false,
    })
    // A thread that dies between two calls is nobody's error: the next call gets a new one.
    pool.on('error', () => undefined)
    pool.on('workerCreate', () => {
      callsOnThread = 0
    })
    return pool
  }

  async function attempt(call: Call, timeoutMs: number): Promise<Answer> {
    const pool = await (opening ??= open())
    const stop = new AbortController()
    const timer = setTimeout(() => {
      stop.abort(new SandboxTimeout(`expected ${call.name} to end within ${timeoutMs} ms, it was stopped`))
    }, timeoutMs)
    const watch = setInterval(() => void watchMemory(pool, stop), watchIntervalMs)
    try {
      return (await pool.run(call, { signal: stop.signal })) as Answer
    } catch (error) {
      if (stop.signal.aborted) throw stop.signal.reason
      // What cannot be copied into or out of a thread is the mistake of the code, not the thread's death.
      throw error instanceof DOMException && error.name === 'DataCloneError' ? error : toSandboxError(error)
    } finally {
      clearTimeout(timer)
      clearInterval(watch)
    }
  }

  /** The heap limit of a thread does not count its ArrayBuffers; this does. */
  async function watchMemory(pool: Piscina, stop: AbortController): Promise<void> {
    const statistics = await pool.threads[0]?.getHeapStatistics().catch(() => undefined)
    if (statistics === undefined || stop.signal.aborted) return
    if (statistics.used_heap_size + statistics.external_memory > heapMb * bytesPerMb) stop.abort(outOfMemory())
  }

  function toSandboxError(error: unknown): SandboxOutOfMemory | SandboxCrashed {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      return outOfMemory(error)
    const found = error instanceof Error ? error.message || error.name : String(error)
    return new SandboxCrashed(`expected a result, got the end of the thread (${found})`, { cause: error })
  }

  function outOfMemory(cause?: Error): SandboxOutOfMemory {
    return new SandboxOutOfMemory(`expected at most ${heapMb} MB of memory, got more; the thread was stopped`, {
      cause,
    })
  }

  return {
    async run(call, timeoutMs) {
      const endMs = Date.now() + timeoutMs
      try {
        return await attempt(call, timeoutMs)
      } catch (error) {
        // A used thread may die of what an earlier call left behind: one more try on a fresh one.
        const died = error instanceof SandboxCrashed || error instanceof SandboxOutOfMemory
        if (!died || callsOnThread === 0 || closed) throw error
        return await attempt(call, Math.max(1, endMs - Date.now()))
      } finally {
        callsOnThread += 1
      }
    },
    async close() {
      closed = true
      await (await opening)?.destroy()
    },
  }
}
