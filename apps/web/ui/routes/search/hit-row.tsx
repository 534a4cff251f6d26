import { Link } from '@tanstack/react-router'
import type { Hit } from '../../api/answers.ts'
import { Time } from '../../components/time.tsx'
import { cutPassage } from './cut-passage.ts'
import styles from './hit-row.module.css'

export const HIT_HEIGHT_REM = 9.25

/** A found article with the passage that fits best, its words marked, and which lists found it. */
export function HitLink({ hit, isOpen }: { hit: Hit; isOpen: boolean }) {
  const { article, passage, highlights, matched } = hit
  const parts = passage ? cutPassage(passage.text, highlights) : []
  return (
    <Link
      to="/search/$articleId"
      params={{ articleId: article.id }}
      search
      className={styles.row}
      aria-current={isOpen ? 'true' : undefined}
      preload={false}
    >
      <span className={styles.title}>{article.title}</span>
      <span className={styles.passage}>
        {parts.length === 0
          ? article.excerpt
          : parts.map(({ text, marked }, index) => (marked ? <mark key={index}>{text}</mark> : text))}
      </span>
      <span className={styles.meta}>
        <span className={styles.source}>{article.source.title}</span>
        <Time at={article.publishedAt ?? article.discoveredAt} />
        <span className={styles.matched}>
          <span className="visually-hidden">found by </span>
          {matched.join(', ')}
        </span>
      </span>
    </Link>
  )
}
