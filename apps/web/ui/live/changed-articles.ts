import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let count = 0

/** How often articles were read since the page was opened. */
export const useArticleChanges = (): number => useSyncExternalStore(listen, () => count)

export function tellArticleChange(): void {
  count += 1
  for (const listener of listeners) listener()
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
