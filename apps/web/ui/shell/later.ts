import type { QueryClient } from '@tanstack/react-query'

// Long enough for the first page to be there on a slow line.
const QUIET_MS = 3000

/** What the first page does not wait for: following the jobs, and fetching what opens on a click. */
export function startLater(queries: QueryClient): () => void {
  let stopped = false
  let stop: (() => void) | undefined
  const follow = async (): Promise<void> => {
    const { followJobs } = await import('../live/follow-jobs.ts')
    if (!stopped) stop = followJobs(queries)
  }
  void follow()
  const timer = setTimeout(() => {
    // Safari has no idle callback.
    if ('requestIdleCallback' in window) requestIdleCallback(warmUp)
    else warmUp()
  }, QUIET_MS)
  return () => {
    stopped = true
    stop?.()
    clearTimeout(timer)
  }
}

function warmUp(): void {
  void import('../routes/articles/article-pane.tsx')
  void import('./account-menu.tsx')
  void import('../shortcuts/shortcut-dialog.tsx')
}
