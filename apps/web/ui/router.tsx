import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { articlesQuery, jobsQuery, searchQuery, sourcesQuery } from './api/queries.ts'
import { NotFound } from './components/not-found.tsx'
import { Crash } from './components/problem-note.tsx'
import { ArticlesPage } from './routes/articles/articles-page.tsx'
import {
  parseSearch,
  readArticleFilter,
  readFrom,
  readJobFilter,
  readQuestion,
  stringifySearch,
} from './routes/search-params.ts'
import { Shell } from './shell/shell.tsx'

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: readFrom,
  component: lazyRouteComponent(() => import('./routes/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const app = createRoute({ getParentRoute: () => root, id: 'app', component: Shell, notFoundComponent: NotFound })

const index = createRoute({
  getParentRoute: () => app,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/articles', replace: true })
  },
})

const ArticlePane = lazyRouteComponent(() => import('./routes/articles/article-pane.tsx'), 'ArticlePane')

// A loader only starts the request while the page's code arrives; the page itself shows waiting and errors.
const articles = createRoute({
  getParentRoute: () => app,
  path: '/articles',
  validateSearch: readArticleFilter,
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queries }, deps }) => void queries.prefetchInfiniteQuery(articlesQuery(deps)),
  component: ArticlesPage,
})
const article = createRoute({ getParentRoute: () => articles, path: '$articleId', component: ArticlePane })

const search = createRoute({
  getParentRoute: () => app,
  path: '/search',
  validateSearch: readQuestion,
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queries }, deps: { q } }) => void (q && queries.prefetchQuery(searchQuery(q))),
  component: lazyRouteComponent(() => import('./routes/search/search-page.tsx'), 'SearchPage'),
})
const found = createRoute({ getParentRoute: () => search, path: '$articleId', component: ArticlePane })

const sources = createRoute({
  getParentRoute: () => app,
  path: '/sources',
  loader: ({ context: { queries } }) => void queries.prefetchQuery(sourcesQuery),
  component: lazyRouteComponent(() => import('./routes/sources/sources-page.tsx'), 'SourcesPage'),
})

const jobs = createRoute({
  getParentRoute: () => app,
  path: '/jobs',
  validateSearch: readJobFilter,
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queries }, deps: { state } }) => void queries.prefetchInfiniteQuery(jobsQuery(state)),
  component: lazyRouteComponent(() => import('./routes/jobs/jobs-page.tsx'), 'JobsPage'),
})

const tree = root.addChildren([
  signIn,
  app.addChildren([index, articles.addChildren([article]), search.addChildren([found]), sources, jobs]),
])

/** The pages of Dayshift by their addresses. */
export function createPage(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultErrorComponent: Crash,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPage>
  }
}
