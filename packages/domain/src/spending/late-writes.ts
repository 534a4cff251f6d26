import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '@dayshift/domain/context'

export interface LateWrites {
  /** Writes now, or else later and in order. Throws what no later try would mend. */
  write(work: () => Promise<unknown>): Promise<void>
  close(): Promise<void>
}

export interface LateWritesOptions {
  log?: Pick<Log, 'warn' | 'error'> | undefined
  closeTimeoutMs: number
  firstWaitMs?: number
  longestWaitMs?: number
  /** More than this are let go, oldest first: about a kilobyte each. */
  mostWaiting?: number
}

/** Keeps writes in memory while the database is away. Each must be harmless when it is done twice. */
export function createLateWrites(options: LateWritesOptions): LateWrites {
  const { log, closeTimeoutMs, firstWaitMs = 100, longestWaitMs = 5_000, mostWaiting = 10_000 } = options
  const waiting: (() => Promise<unknown>)[] = []
  const closing = new AbortController()
  let lost = 0
  let flushing: Promise<void> | undefined

  async function flush(): Promise<void> {
    let waitMs = firstWaitMs
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      try {
        await next()
        if (waiting[0] === next) waiting.shift()
        waitMs = firstWaitMs
      } catch (error) {
        if (isLasting(error)) {
          log?.error({ err: error }, 'what a model call cost could not be written')
          if (waiting[0] === next) waiting.shift()
          continue
        }
        if (closing.signal.aborted) return
        await sleep(waitMs, undefined, { ref: false, signal: closing.signal }).catch(() => undefined)
        waitMs = Math.min(waitMs * 2, longestWaitMs)
      }
    }
  }

  function keep(work: () => Promise<unknown>): void {
    waiting.push(work)
    if (waiting.length > mostWaiting) {
      waiting.shift()
      lost += 1
    }
    flushing ??= flush().finally(() => (flushing = undefined))
  }

  return {
    async write(work) {
      try {
        await work()
      } catch (error) {
        if (isLasting(error)) throw error
        if (waiting.length === 0) log?.warn({ err: error }, 'what model calls cost is written later')
        keep(work)
      }
    },
    async close() {
      const done = new AbortController()
      const timeout = sleep(closeTimeoutMs, undefined, { signal: done.signal }).catch(() => undefined)
      await Promise.race([flushing, timeout])
      done.abort()
      closing.abort()
      lost += waiting.length
      if (lost > 0) log?.error({ lost }, 'what model calls cost was not written; the log of the vendor must say it')
    },
  }
}

/** SQLSTATE classes 22, 23 and 42: the statement itself is wrong, now and later. All else passes. */
export function isLasting(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(22|23|42)[0-9A-Z]{3}$/.test(code)
}
