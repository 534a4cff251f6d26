/** Runs at once, then at most once in each interval while calls keep coming; the last call is never lost. */
export function throttle(run: () => void, intervalMs: number): () => void {
  let waiting = false
  let again = false
  const start = (): void => {
    waiting = true
    run()
    setTimeout(() => {
      waiting = false
      if (!again) return
      again = false
      start()
    }, intervalMs)
  }
  return () => {
    if (waiting) again = true
    else start()
  }
}
