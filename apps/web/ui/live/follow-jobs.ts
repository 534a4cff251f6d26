import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import type { Article, JobsPage } from '../api/answers.ts'
import { articleQuery, jobCountsQuery, sourcesQuery } from '../api/queries.ts'
import { tellArticleChange } from './changed-articles.ts'
import { afterEvent, readJobEvent } from './job-event.ts'
import { patchJobs } from './patch-jobs.ts'
import { throttle } from './throttle.ts'

const OFTEN_MS = 1000
const SELDOM_MS = 3000
// A reader who has gone far down is not served all those pages again each second.
const MOST_PAGES_AGAIN = 2

/**
 * Follows the jobs until the returned function is called: rows change at once, what is shown is asked again soon after.
 */
export function followJobs(queries: QueryClient): () => void {
  const refresh = refreshers(queries)
  const events = new EventSource('/api/v1/jobs/events')
  events.addEventListener('job', ({ data }: MessageEvent<string>) => {
    const event = readJobEvent(data)
    if (!event) return
    patchJobs(queries, event.id, (job) => afterEvent(job, event))
    refresh.jobs()
    if (event.type !== 'done') return
    if (event.job.startsWith('source.')) refresh.sources()
    if (event.job === 'article.ingest') refresh.articles()
    else if (event.job.startsWith('article.')) refresh.openArticle()
  })
  // After a break what happened meanwhile is asked for.
  let broken = false
  events.addEventListener('error', () => (broken = true))
  events.addEventListener('open', () => {
    if (broken) for (const ask of Object.values(refresh)) ask()
    broken = false
  })
  return () => events.close()
}

function refreshers(queries: QueryClient) {
  return {
    jobs: throttle(() => {
      void queries.invalidateQueries(jobCountsQuery)
      void queries.invalidateQueries({
        queryKey: ['jobs'],
        predicate: ({ state }) =>
          ((state.data as InfiniteData<JobsPage> | undefined)?.pages.length ?? 0) <= MOST_PAGES_AGAIN,
      })
    }, OFTEN_MS),
    sources: throttle(() => void queries.invalidateQueries({ queryKey: sourcesQuery.queryKey }), SELDOM_MS),
    articles: throttle(tellArticleChange, SELDOM_MS),
    // An article is read in steps: what was not there when it was opened may be there now.
    openArticle: throttle(
      () =>
        void queries.invalidateQueries({
          queryKey: articleQuery('').queryKey.slice(0, 1),
          predicate: ({ state }) => (state.data as Article | undefined)?.summary === null,
        }),
      SELDOM_MS,
    ),
  }
}
