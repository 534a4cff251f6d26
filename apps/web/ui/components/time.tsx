import { useSyncExternalStore } from 'react'
import { absoluteTime, relativeTime } from './relative-time.ts'

const TICK_MS = 20_000

/** A moment as the distance from now, in full when pointed at. */
export function Time({ at }: { at: string }) {
  const now = useSyncExternalStore(everyTick, lastTick)
  const date = new Date(at)
  return (
    <time dateTime={at} title={absoluteTime(date)}>
      {relativeTime(date, new Date(now))}
    </time>
  )
}

/** It stands still between two ticks, so that a list tells all its times from one moment. */
const lastTick = (): number => Math.ceil(Date.now() / TICK_MS) * TICK_MS

function everyTick(tick: () => void): () => void {
  const timer = setInterval(tick, TICK_MS)
  return () => clearInterval(timer)
}
