import { useNavigate, useRouter } from '@tanstack/react-router'
import { createContext, type RefObject, useContext } from 'react'
import type { VirtualListHandle } from '../../components/virtual-list.tsx'
import { useShortcuts } from '../../shortcuts/use-shortcuts.ts'

/** Walks the list from which an article was opened: exactly its rows, in its order. */
export interface Walk {
  canGo: (by: 1 | -1) => boolean
  go: (by: 1 | -1) => void
  close: () => void
}

const WalkContext = createContext<Walk | undefined>(undefined)
export const WalkProvider = WalkContext.Provider

export function useWalk(): Walk {
  const walk = useContext(WalkContext)
  if (!walk) throw new Error('an article is shown beside a list, which provides the walk')
  return walk
}

interface Walked {
  base: '/articles' | '/search'
  ids: readonly string[]
  openId: string | undefined
  list: RefObject<VirtualListHandle | null>
}

/** The walk of a list, with its keys. */
export function useListWalk({ base, ids, openId, list }: Walked): Walk {
  const navigate = useNavigate()
  const { history } = useRouter()
  const place = openId === undefined ? -1 : ids.indexOf(openId)
  const canGo = (by: 1 | -1): boolean => ids[place + by] !== undefined

  const go = (by: 1 | -1): void => {
    // Keys come faster than pages are drawn: the history already knows where the last one led.
    const isOpen = history.location.pathname !== base
    const next = (isOpen ? ids.indexOf(history.location.pathname.slice(base.length + 1)) : -1) + by
    const articleId = ids[next]
    if (articleId === undefined) return
    // Who reads in the pane goes on reading there; everybody else is taken to the row.
    const focus = document.activeElement?.closest('article') === null
    // One step back leads out of the reading, however many articles were walked.
    void navigate({ to: `${base}/$articleId`, params: { articleId }, search: true, replace: isOpen })
    list.current?.reveal(next, { focus })
  }

  const close = async (): Promise<void> => {
    await navigate({ to: base, search: true })
    if (place >= 0) list.current?.reveal(place, { focus: true })
  }

  useShortcuts([
    { key: 'j', label: 'Next article', run: () => go(1) },
    { key: 'k', label: 'Previous article', run: () => go(-1) },
    ...(openId === undefined
      ? []
      : [{ key: 'Escape', label: 'Close the article, back to its row', run: () => void close() }]),
  ])
  return { canGo, go, close: () => void close() }
}
