import { useQueryClient } from '@tanstack/react-query'
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react'
import { type ArticleFilter, articlesQuery } from '../../api/queries.ts'
import { Icon } from '../../components/icon.tsx'
import { icons } from '../../components/icons.ts'
import type { VirtualListHandle } from '../../components/virtual-list.tsx'
import { useArticleChanges } from '../../live/changed-articles.ts'
import styles from './new-articles.module.css'

interface Props {
  filter: ArticleFilter
  list: RefObject<VirtualListHandle | null>
  reading: boolean
}

/**
 * When articles were read: at the top of the list, with nothing open, they come by themselves;
 * else they are offered, because a list does not move under its reader.
 */
export function NewArticles({ filter, list, reading }: Props) {
  const queries = useQueryClient()
  const changes = useArticleChanges()
  const seen = useRef(changes)
  const [offered, setOffered] = useState(false)
  const show = (): void => {
    setOffered(false)
    list.current?.scrollToTop()
    void queries.resetQueries({ queryKey: ['articles'], type: 'inactive' })
    void queries.invalidateQueries({ queryKey: articlesQuery(filter).queryKey })
  }
  const onChange = useEffectEvent(() => {
    const atTop = list.current?.isAtTop() ?? true
    if (atTop && !reading && document.activeElement?.closest('li') == null) show()
    else setOffered(true)
  })
  useEffect(() => {
    if (seen.current === changes) return
    seen.current = changes
    onChange()
  }, [changes])

  if (!offered) return null
  return (
    <button type="button" className={styles.offer} onClick={show}>
      <Icon path={icons.up} />
      Articles were added or changed. Show them
    </button>
  )
}
