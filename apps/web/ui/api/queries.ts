import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { JobState } from './answers.ts'
import { api, dataOf } from './client.ts'

/** What narrows the list of articles; it stands in the address. */
export interface ArticleFilter {
  source?: string
  technique?: string
  indicator?: string
}

const PAGE = 50

export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: async ({ signal }) => (await dataOf(api.GET('/api/v1/session', { signal }))).account,
  staleTime: Infinity,
})

/** Never stale by itself: a list must not move under the reader. It is asked again when jobs say that it changed. */
export const articlesQuery = (filter: ArticleFilter) =>
  infiniteQueryOptions({
    queryKey: ['articles', filter],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET('/api/v1/articles', {
          signal,
          params: { query: { ...filter, limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    staleTime: Infinity,
  })

export const articleQuery = (articleId: string) =>
  queryOptions({
    queryKey: ['article', articleId],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/articles/{articleId}', { signal, params: { path: { articleId } } })),
  })

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: async ({ signal }) => (await dataOf(api.GET('/api/v1/sources', { signal }))).items,
})

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/search', { signal, params: { query: { q, limit: PAGE } } })),
    enabled: q !== '',
    staleTime: 300_000,
  })

export const jobsQuery = (state: JobState | undefined) =>
  infiniteQueryOptions({
    queryKey: ['jobs', state ?? 'all'],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET('/api/v1/jobs', {
          signal,
          params: { query: { limit: PAGE, ...(state && { state }), ...(pageParam !== null && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })

export const jobCountsQuery = queryOptions({
  queryKey: ['job-counts'],
  queryFn: async ({ signal }) => (await dataOf(api.GET('/api/v1/jobs/counts', { signal }))).items,
  placeholderData: keepPreviousData,
})
