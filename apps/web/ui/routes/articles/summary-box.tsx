import type { Summary } from '../../api/answers.ts'
import styles from './parts.module.css'

/** The summary with who wrote it: sentences picked from the text are never passed off as a model's. */
export function SummaryBox({ summary }: { summary: Summary | null }) {
  if (!summary) return <p className={styles.pending}>The summary is not written yet.</p>
  const isLocal = summary.provider === 'local'
  return (
    <section className={styles.summary} aria-labelledby="summary-title">
      <h2 id="summary-title" className={styles.heading}>
        Summary
        <span className={styles.origin}>
          {isLocal ? 'picked sentences, no model' : `written by ${summary.model} (${summary.provider})`}
        </span>
      </h2>
      {summary.text.split(/\n{2,}/).map((paragraph, index) => (
        <p key={index}>{paragraph}</p>
      ))}
    </section>
  )
}
