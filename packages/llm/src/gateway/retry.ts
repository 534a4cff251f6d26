import { LlmError } from '../errors.ts'
import { wait } from '../wait.ts'

export interface RetryOptions {
  /** Calls in all, the first included. */
  attempts: number
  /** The first pause is at most this; every further one at most twice the one before. */
  baseMs: number
  /** No pause is longer; when the vendor asks for more, the error is the caller's at once. */
  maxMs: number
  signal?: AbortSignal | undefined
  /** 0 <= n < 1. */
  random?: () => number
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** The only layer that retries: errors that say `retryable`, after a full-jitter pause that is never shorter than Retry-After. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      await pauseOrThrow(error, attempt, options)
    }
  }
}

async function pauseOrThrow(error: unknown, attempt: number, options: RetryOptions): Promise<void> {
  const { attempts, baseMs, maxMs, signal, random = Math.random, sleep = wait } = options
  if (!(error instanceof LlmError) || !error.retryable || attempt >= attempts) throw error
  const wanted = error.retryAfterMs ?? 0
  if (wanted > maxMs) throw error
  const jitter = random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1))
  await sleep(Math.max(wanted, jitter), signal)
}
