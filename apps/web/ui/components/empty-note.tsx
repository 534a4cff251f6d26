import type { ReactNode } from 'react'
import styles from './notes.module.css'

/** In place of what is not there: why, and what to do. */
export function EmptyNote({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  )
}
