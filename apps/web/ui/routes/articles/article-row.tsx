import { Link } from '@tanstack/react-router'
import type { ArticleRow } from '../../api/answers.ts'
import { Time } from '../../components/time.tsx'
import styles from './article-row.module.css'

export const ROW_HEIGHT_REM = 6.5

/** A row of the list: a real link, which keeps the filter. */
export function ArticleRowLink({ article, isOpen }: { article: ArticleRow; isOpen: boolean }) {
  const { id, title, source, publishedAt, discoveredAt, excerpt, indicatorCount, techniqueCount } = article
  return (
    <Link
      to="/articles/$articleId"
      params={{ articleId: id }}
      search
      className={styles.row}
      aria-current={isOpen ? 'true' : undefined}
      preload={false}
    >
      <span className={styles.texts}>
        <span className={styles.title}>{title}</span>
        <span className={styles.excerpt}>{excerpt}</span>
      </span>
      <span className={styles.meta}>
        <span className={styles.source}>{source.title}</span>
        <Time at={publishedAt ?? discoveredAt} />
        <Count count={indicatorCount} one="indicator" />
        <Count count={techniqueCount} one="technique" />
      </span>
    </Link>
  )
}

function Count({ count, one }: { count: number; one: string }) {
  if (count === 0) return null
  return (
    <span className={styles.count}>
      {count} {count === 1 ? one : `${one}s`}
    </span>
  )
}
