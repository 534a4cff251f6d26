import { SandboxCrashed } from './errors.ts'
import type { Answer, Call } from './host.ts'
import { createLane } from './lane.ts'
import type { Lane } from './lane.ts'
import { rebuildError } from './thrown.ts'

export type SandboxOptions = {
  /** How many calls run at once; 2 unless told. */
  threads?: number
  /** Wall clock of one call from its start on a thread, loading of its module included; 10,000 unless told. */
  timeoutMs?: number
  /** Heap and array buffers of one thread; 256 unless told. */
  heapMb?: number
  /** A thread without work leaves after this time; 15,000 unless told. */
  idleTimeoutMs?: number
}

/** Runs pure functions on foreign input, each in a thread with a clock and a memory limit. */
export type Sandbox = {
  /**
   * Calls the exported function `name` of a module (.js or .ts, a file: URL) and gives what it returns.
   * Input and output are copied by structured clone. What the function throws arrives as an Error with the same
   * name, message and enumerable own properties. Throws SandboxTimeout, SandboxOutOfMemory or SandboxCrashed when the
   * thread dies. The function must be pure: a call may be made twice, and nothing it leaves behind is kept.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller states what the module takes
  run<Input, Output>(module: URL, name: string, input: Input, options?: { timeoutMs?: number }): Promise<Output>
  /** Ends all calls with SandboxCrashed and all threads. */
  close(): Promise<void>
}

type Waiter = { resolve(lane: Lane): void; reject(error: Error): void }

export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { threads = 2, timeoutMs = 10_000, heapMb = 256, idleTimeoutMs = 15_000 } = options
  const lanes = Array.from({ length: threads }, () => createLane({ heapMb, idleTimeoutMs }))
  const free = [...lanes]
  const waiting: Waiter[] = []
  let closed = false

  /** The lane that was used last comes first, so that the others may rest. */
  async function acquire(): Promise<Lane> {
    if (closed) throw closedError()
    return free.pop() ?? new Promise<Lane>((resolve, reject) => waiting.push({ resolve, reject }))
  }

  function release(lane: Lane): void {
    const next = waiting.shift()
    if (next === undefined) free.push(lane)
    else next.resolve(lane)
  }

  async function runOnLane(call: Call, limitMs: number): Promise<Answer> {
    const lane = await acquire()
    try {
      return await lane.run(call, limitMs)
    } finally {
      release(lane)
    }
  }

  return {
    async run(module, name, input, runOptions = {}) {
      const answer = await runOnLane({ module: module.href, name, input }, runOptions.timeoutMs ?? timeoutMs)
      if (!answer.ok) throw rebuildError(answer.thrown)
      return answer.output as never
    },
    async close() {
      closed = true
      for (const waiter of waiting.splice(0)) waiter.reject(closedError())
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}

function closedError(): SandboxCrashed {
  return new SandboxCrashed('expected an open sandbox, got one that is closed')
}
