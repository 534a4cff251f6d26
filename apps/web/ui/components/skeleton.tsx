import styles from './notes.module.css'

/** Grey lines where rows of the given height will stand, so that nothing moves when they come. */
export function Skeleton({ rows, heightRem }: { rows: number; heightRem: number }) {
  return (
    <div role="status" className={styles.skeleton}>
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} style={{ height: `${heightRem}rem` }} aria-hidden="true" />
      ))}
    </div>
  )
}
