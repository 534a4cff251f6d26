import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** How a process ended: its status, or the signal that killed it. */
interface Ended {
  status: number | null
  signal: string | null
  output: string
}

export interface TestProcess {
  child: ChildProcess
  ended: Promise<Ended>
  /** All it has said so far, on standard output and standard error. */
  output(): string
  /** The first match of what it says, as soon as there is one. Throws when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends SIGTERM and waits for the end; `tookMs` is the time between. */
  stop(): Promise<Ended & { tookMs: number }>
}

/** Runs a module as a process of its own, with nothing of our environment but what is given; killed when the test is over. */
export function startProcess(main: string, env: Record<string, string> = {}): TestProcess {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      for (const listener of listeners) listener()
    })
  }
  const ended = once(child, 'close').then(([status, signal]) => ({
    status: status as number | null,
    signal: signal as string | null,
    output,
  }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    ended,
    output: () => output,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(output)
          if (!found) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        look()
        void ended.then(() => reject(new Error(`${main} ended before it said ${pattern}:\n${output}`)))
      })
    },
    async stop() {
      const start = performance.now()
      child.kill('SIGTERM')
      const end = await ended
      return { ...end, tookMs: performance.now() - start }
    },
  }
}
