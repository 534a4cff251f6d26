import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Article } from '../../api/answers.ts'
import { articleQuery } from '../../api/queries.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { Time } from '../../components/time.tsx'
import { useShortcuts } from '../../shortcuts/use-shortcuts.ts'
import styles from './article-pane.module.css'
import { ArticleText } from './article-text.tsx'
import { Indicators } from './indicators.tsx'
import { PaneBar } from './pane-bar.tsx'
import { SummaryBox } from './summary-box.tsx'
import { Techniques } from './techniques.tsx'

/** The open article beside its list. */
export function ArticlePane() {
  const { articleId = '' } = useParams({ strict: false })
  const { data: article, isPending, error, refetch } = useQuery(articleQuery(articleId))
  // A sample report has no original on the web, and only the web is opened.
  const original = article && /^https?:/.test(article.url) ? article.url : undefined
  const openOriginal = (url: string): void => void window.open(url, '_blank', 'noopener,noreferrer')
  useShortcuts(
    original === undefined ? [] : [{ key: 'o', label: 'Open the original', run: () => openOriginal(original) }],
  )
  return (
    <div className={styles.pane}>
      <PaneBar url={original} />
      {/* Another article is another scroller, which begins at its top. */}
      <div key={articleId} className={styles.scroller}>
        {isPending && <Skeleton rows={6} heightRem={4} />}
        {error && <ProblemNote error={error} retry={() => void refetch()} />}
        {article && <ArticleView article={article} />}
      </div>
    </div>
  )
}

function ArticleView({ article }: { article: Article }) {
  const { title, source, author, publishedAt, discoveredAt, wordCount, revision, hiddenCharacters } = article
  return (
    <article className={styles.article} tabIndex={-1} aria-labelledby="article-title">
      <title>{`${title} · Dayshift`}</title>
      <h1 id="article-title" className={styles.title} lang={article.language ?? undefined}>
        {title}
      </h1>
      <p className={styles.meta}>
        <Facts>
          <strong>{source.title}</strong>
          {author}
          <Time at={publishedAt ?? discoveredAt} />
          {`${wordCount.toLocaleString('en')} words`}
          {revision > 1 && `revision ${revision}`}
          {article.textFrom === 'feed' && 'text from the feed'}
        </Facts>
      </p>
      {hiddenCharacters > 0 && (
        <p className={styles.warning}>
          This text had {hiddenCharacters} hidden {hiddenCharacters === 1 ? 'character' : 'characters'} that a reader
          does not see but a model does. They were taken out.
        </p>
      )}
      <SummaryBox summary={article.summary} />
      <Techniques techniques={article.techniques} />
      <Indicators indicators={article.indicators} />
      <ArticleText html={article.html} text={article.text} language={article.language} />
    </article>
  )
}

/** What there is, one beside the other. */
function Facts({ children }: { children: ReactNode[] }) {
  return children.map((fact, index) => fact !== null && fact !== false && <span key={index}>{fact}</span>)
}
