import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Outlet, useParams } from '@tanstack/react-router'
import { useRef } from 'react'
import { searchQuery } from '../../api/queries.ts'
import { EmptyNote } from '../../components/empty-note.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { duration } from '../../components/relative-time.ts'
import { Skeleton } from '../../components/skeleton.tsx'
import { Split } from '../../components/split.tsx'
import { VirtualList, type VirtualListHandle } from '../../components/virtual-list.tsx'
import { useListWalk, WalkProvider } from '../articles/walk.ts'
import { HIT_HEIGHT_REM, HitLink } from './hit-row.tsx'
import styles from './search-page.module.css'

const route = getRouteApi('/app/search')
const nothingMore = (): void => undefined

export function SearchPage() {
  const { q = '' } = route.useSearch()
  const { articleId } = useParams({ strict: false })
  const found = useQuery(searchQuery(q))
  const hits = found.data?.items ?? []
  const list = useRef<VirtualListHandle>(null)
  const walk = useListWalk({ base: '/search', ids: hits.map(({ article }) => article.id), openId: articleId, list })

  return (
    <WalkProvider value={walk}>
      <Split
        open={articleId !== undefined}
        list={
          <>
            {articleId === undefined && <title>{q === '' ? 'Search · Dayshift' : `${q} · Search · Dayshift`}</title>}
            <div className={styles.head}>
              <h1>Search</h1>
              <span role="status">
                {found.data &&
                  `${hits.length} ${hits.length === 1 ? 'article' : 'articles'} in ${duration(found.data.tookMs)}`}
              </span>
            </div>
            {q === '' && (
              <EmptyNote title="What are you looking for?">
                Words, a whole sentence, an ATT&CK technique, or an indicator: defanged or not.
              </EmptyNote>
            )}
            {q !== '' && found.isPending && <Skeleton rows={6} heightRem={HIT_HEIGHT_REM} />}
            {found.isError && <ProblemNote error={found.error} retry={() => void found.refetch()} />}
            {found.isSuccess && hits.length === 0 && (
              <EmptyNote title="Nothing was found">Try fewer or other words.</EmptyNote>
            )}
            {hits.length > 0 && (
              <VirtualList
                key={q}
                handle={list}
                label="Found articles"
                items={hits}
                keyOf={({ article }) => article.id}
                rowHeightRem={HIT_HEIGHT_REM}
                hasMore={false}
                onEnd={nothingMore}
                placeName={`search ${q}`}
              >
                {(hit) => <HitLink hit={hit} isOpen={hit.article.id === articleId} />}
              </VirtualList>
            )}
          </>
        }
        detail={
          articleId === undefined ? (
            <EmptyNote title="Nothing is open">Choose a result, or press j.</EmptyNote>
          ) : (
            <Outlet />
          )
        }
      />
    </WalkProvider>
  )
}
