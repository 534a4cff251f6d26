import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Outlet, useParams } from '@tanstack/react-router'
import { useCallback, useRef } from 'react'
import { articlesQuery } from '../../api/queries.ts'
import { EmptyNote } from '../../components/empty-note.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { Split } from '../../components/split.tsx'
import { VirtualList, type VirtualListHandle } from '../../components/virtual-list.tsx'
import { ArticleRowLink, ROW_HEIGHT_REM } from './article-row.tsx'
import { FilterBar } from './filter-bar.tsx'
import { NewArticles } from './new-articles.tsx'
import { useListWalk, WalkProvider } from './walk.ts'

const route = getRouteApi('/app/articles')

export function ArticlesPage() {
  const filter = route.useSearch()
  const { articleId } = useParams({ strict: false })
  const articles = useInfiniteQuery(articlesQuery(filter))
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = articles
  const rows = articles.data?.pages.flatMap(({ items }) => items) ?? []
  const list = useRef<VirtualListHandle>(null)
  const walk = useListWalk({ base: '/articles', ids: rows.map(({ id }) => id), openId: articleId, list })
  const loadMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage])
  const isFiltered = Object.keys(filter).length > 0

  return (
    <WalkProvider value={walk}>
      <Split
        open={articleId !== undefined}
        list={
          <>
            {articleId === undefined && <title>Articles · Dayshift</title>}
            <FilterBar filter={filter} />
            <NewArticles filter={filter} list={list} reading={articleId !== undefined} />
            {articles.isPending && <Skeleton rows={8} heightRem={ROW_HEIGHT_REM} />}
            {articles.isError && <ProblemNote error={articles.error} retry={() => void articles.refetch()} />}
            {articles.isSuccess && rows.length === 0 && (
              <EmptyNote title={isFiltered ? 'No article fits this filter' : 'No articles yet'}>
                {isFiltered ? 'Choose another source, or all.' : 'They appear here as the sources are read.'}
              </EmptyNote>
            )}
            {rows.length > 0 && (
              <VirtualList
                // Another filter is another list, which begins at its top.
                key={JSON.stringify(filter)}
                handle={list}
                label="Articles"
                items={rows}
                keyOf={({ id }) => id}
                rowHeightRem={ROW_HEIGHT_REM}
                hasMore={hasNextPage}
                onEnd={loadMore}
                placeName={`articles ${JSON.stringify(filter)}`}
              >
                {(article) => <ArticleRowLink article={article} isOpen={article.id === articleId} />}
              </VirtualList>
            )}
          </>
        }
        detail={
          articleId === undefined ? (
            <EmptyNote title="Nothing is open">Choose an article, or press j.</EmptyNote>
          ) : (
            <Outlet />
          )
        }
      />
    </WalkProvider>
  )
}
