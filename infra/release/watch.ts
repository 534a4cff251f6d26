import type { Clock } from './ports.ts'

/** What one look at an environment found. */
export type Look = { is: 'good' } | { is: 'bad' | 'doubtful'; why: string }

export interface Watching {
  look: () => Promise<Look>
  /** For how long all must be seen to be good. */
  watchMs: number
  /** For how long without a break it may be doubtful. */
  doubtMs: number
  clock: Clock
  signal: AbortSignal
  say: (line: string) => void
}

const EVERY_MS = 15_000

/**
 * Looks again and again until all has been good for so long. Time in which nothing can be seen does not count, and too much of it is
 * as bad as an alarm. Gives the reason to go back, or undefined.
 * @throws Interrupted when the signal comes
 */
export async function watch({ look, watchMs, doubtMs, clock, signal, say }: Watching): Promise<string | undefined> {
  let goodMs = 0
  let doubtfulSinceMs: number | undefined
  for (;;) {
    const found = await look().catch((error: unknown): Look => ({ is: 'doubtful', why: reasonOf(error) }))
    signal.throwIfAborted()
    if (found.is === 'bad') return found.why
    if (found.is === 'doubtful') {
      if (doubtfulSinceMs === undefined) say(`Not counted as good: ${found.why}`)
      doubtfulSinceMs ??= clock.nowMs()
      if (clock.nowMs() - doubtfulSinceMs >= doubtMs)
        return `for ${Math.round(doubtMs / 60_000)} minutes it could not be seen to be good: ${found.why}`
    } else {
      if (doubtfulSinceMs !== undefined) say('Good again.')
      doubtfulSinceMs = undefined
      if (goodMs >= watchMs) return undefined
    }
    const before = clock.nowMs()
    await clock.wait(EVERY_MS, signal)
    if (found.is === 'good') goodMs += clock.nowMs() - before
  }
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
