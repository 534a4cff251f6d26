import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useCallback } from 'react'
import { jobsQuery } from '../../api/queries.ts'
import { EmptyNote } from '../../components/empty-note.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { VirtualList } from '../../components/virtual-list.tsx'
import { jobStates } from '../search-params.ts'
import { JOB_HEIGHT_REM, JobRow } from './job-row.tsx'
import styles from './jobs-page.module.css'
import { QueueCounts } from './queue-counts.tsx'
import { stateNames } from './state-badge.tsx'

const route = getRouteApi('/app/jobs')

export function JobsPage() {
  const { state } = route.useSearch()
  const jobs = useInfiniteQuery(jobsQuery(state))
  const { fetchNextPage, isFetchingNextPage } = jobs
  const loadMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage])
  const rows = jobs.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <div className={styles.page}>
      <title>Jobs · Dayshift</title>
      <div className={styles.head}>
        <h1>Jobs</h1>
        <nav aria-label="Jobs by state" className={styles.states}>
          {[undefined, ...jobStates].map((name) => (
            <Link
              key={name ?? 'all'}
              to="/jobs"
              search={name ? { state: name } : {}}
              activeOptions={{ exact: true, includeSearch: true }}
            >
              {name ? stateNames[name] : 'All'}
            </Link>
          ))}
        </nav>
      </div>
      <QueueCounts />
      <div className={styles.list}>
        {jobs.isPending && <Skeleton rows={8} heightRem={JOB_HEIGHT_REM} />}
        {jobs.isError && <ProblemNote error={jobs.error} retry={() => void jobs.refetch()} />}
        {jobs.isSuccess && rows.length === 0 && <EmptyNote title={state ? 'No job is in this state' : 'No jobs yet'} />}
        {rows.length > 0 && (
          <VirtualList
            key={state ?? 'all'}
            label="Jobs from the newest"
            takesFocus
            items={rows}
            keyOf={({ id }) => id}
            rowHeightRem={JOB_HEIGHT_REM}
            hasMore={jobs.hasNextPage}
            onEnd={loadMore}
            placeName={`jobs ${state ?? 'all'}`}
          >
            {(job) => <JobRow job={job} />}
          </VirtualList>
        )}
      </div>
    </div>
  )
}
