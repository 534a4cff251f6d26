import { LlmTimeout } from '../errors.ts'

interface Limits {
  /** What is waited for, in the error's message. */
  name: string
  timeoutMs: number
  signal: AbortSignal | undefined
}

/**
 * Work that ends when the caller cancels and when time runs out. Timer and listener are gone as soon as the work is done.
 * @throws the signal's reason; LlmTimeout
 */
export async function limited<T>(
  { name, timeoutMs, signal }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const { abort, release } = linked(signal)
  const giveUp = () => abort.abort(new LlmTimeout(`${name}: no answer within ${timeoutMs} ms.`))
  const timer = setTimeout(giveUp, timeoutMs)
  try {
    return await work(abort.signal)
  } catch (error) {
    abort.signal.throwIfAborted()
    throw error
  } finally {
    clearTimeout(timer)
    release()
  }
}

/** An own switch that the caller's signal turns off, too, until it is released. */
export function linked(signal: AbortSignal | undefined): { abort: AbortController; release(): void } {
  const abort = new AbortController()
  const follow = () => abort.abort(signal?.reason)
  signal?.addEventListener('abort', follow, { once: true })
  return { abort, release: () => signal?.removeEventListener('abort', follow) }
}
