const defaultBackoffMs = 5_000
const longestBackoffMs = 3_600_000

/**
 * Exponential backoff with full jitter: a random wait of 0 to `baseMs`·2^(attempt-1), at most an hour.
 * Source: M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015.
 */
export function backoffMs(baseMs = defaultBackoffMs, attempt: number, random = Math.random): number {
  return Math.round(random() * Math.min(longestBackoffMs, baseMs * 2 ** (attempt - 1)))
}
