const MINUTE_MS = 60_000

/** Tokens per minute as AWS counts them: input and `maxTokens` are taken at once, what was not used comes back at the end. */
export function tokenBucket(perMinute: number | undefined, clock: () => number = () => performance.now()) {
  let level = perMinute ?? 0
  let filledAt = clock()
  const refill = () => {
    const now = clock()
    level = Math.min(perMinute ?? 0, level + ((now - filledAt) * (perMinute ?? 0)) / MINUTE_MS)
    filledAt = now
  }
  return {
    /** False when there are not so many. */
    take(tokens: number): boolean {
      if (perMinute === undefined) return true
      refill()
      if (tokens > level) return false
      level -= tokens
      return true
    },
    giveBack(tokens: number): void {
      refill()
      level = Math.min(perMinute ?? 0, level + tokens)
    },
  }
}
