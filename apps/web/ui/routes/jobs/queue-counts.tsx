import { useQuery } from '@tanstack/react-query'
import { jobCountsQuery } from '../../api/queries.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import styles from './jobs-page.module.css'
import { StateBadge } from './state-badge.tsx'

/** How many jobs each queue has in each state; of those that are done, the last day's. */
export function QueueCounts() {
  const { data: counts = [], error, refetch } = useQuery(jobCountsQuery)
  if (error) return <ProblemNote error={error} retry={() => void refetch()} />
  return (
    <dl className={styles.counts} aria-label="Jobs by queue">
      {[...Map.groupBy(counts, ({ queue }) => queue)].map(([queue, states]) => (
        <div key={queue}>
          <dt>{queue}</dt>
          {states.map(({ state, count }) => (
            <dd key={state}>
              {count.toLocaleString('en')} <StateBadge state={state} />
            </dd>
          ))}
        </div>
      ))}
    </dl>
  )
}
