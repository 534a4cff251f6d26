import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ProblemError } from './problem.ts'

/** The cache of the page. Whatever is refused for want of a session leads to the sign-in, with the way back. */
export function createQueries(signIn: (from: string) => void): QueryClient {
  const onError = (error: unknown): void => {
    const { pathname, search } = window.location
    if (error instanceof ProblemError && error.status === 401 && pathname !== '/sign-in') signIn(pathname + search)
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 30 * 60_000,
        refetchOnWindowFocus: false,
        // A page's loader has asked already when the page is mounted.
        retryOnMount: false,
        retry: (failures, error) => failures < 2 && isWorthRetrying(error),
      },
    },
  })
}

const isWorthRetrying = (error: Error): boolean =>
  !(error instanceof ProblemError) || error.status === 0 || error.status === 503
