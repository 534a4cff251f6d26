import styles from './icon.module.css'

/** Decoration beside a text, a path on 24 × 24; a button with only an icon needs an aria-label. */
export function Icon({ path }: { path: string }) {
  return (
    <svg className={styles.icon} viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}
