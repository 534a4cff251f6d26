import type { ReactNode } from 'react'
import styles from './split.module.css'

interface Props {
  list: ReactNode
  detail: ReactNode
  /** Whether something of the list is open; on narrow screens it takes the list's place. */
  open: boolean
}

/** A list with what is open of it beside it; each scrolls by itself. */
export function Split({ list, detail, open }: Props) {
  return (
    <div className={`${styles.split} ${open ? styles.open : ''}`}>
      <div className={styles.list}>{list}</div>
      <div className={styles.detail}>{detail}</div>
    </div>
  )
}
