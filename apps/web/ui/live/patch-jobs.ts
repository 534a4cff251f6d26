import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import type { JobRecord, JobsPage } from '../api/answers.ts'

/** Changes a job in every list that is in the cache and has it. */
export function patchJobs(queries: QueryClient, id: string, change: (job: JobRecord) => JobRecord): void {
  queries.setQueriesData<InfiniteData<JobsPage>>({ queryKey: ['jobs'] }, (list) => {
    if (!list?.pages.some(({ items }) => items.some((job) => job.id === id))) return list
    const pages = list.pages.map((page) => ({
      ...page,
      items: page.items.map((job) => (job.id === id ? change(job) : job)),
    }))
    return { ...list, pages }
  })
}
