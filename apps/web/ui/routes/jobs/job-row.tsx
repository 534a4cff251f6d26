import type { JobRecord } from '../../api/answers.ts'
import { Button } from '../../components/button.tsx'
import { duration } from '../../components/relative-time.ts'
import { Time } from '../../components/time.tsx'
import { inputLine, readProgress } from './job-progress.ts'
import styles from './job-row.module.css'
import { StateBadge } from './state-badge.tsx'
import { useRetry } from './use-retry.ts'

export const JOB_HEIGHT_REM = 3.5

export function JobRow({ job }: { job: JobRecord }) {
  const { id, state, input, error, attempts } = job
  const progress = state === 'running' ? readProgress(job.progress) : undefined
  const retry = useRetry()
  return (
    <div className={styles.row}>
      <span className={styles.state}>
        <StateBadge state={state} />
      </span>
      <div className={styles.what}>
        <span className={styles.name}>
          {job.job} <small>#{id}</small>
        </span>
        {error === null ? (
          <span className={styles.input}>{inputLine(input)}</span>
        ) : (
          <span className={styles.error} title={error}>
            {error}
          </span>
        )}
      </div>
      {progress && (
        <span className={styles.progress}>
          <progress value={progress.fraction} aria-label={`Progress of ${job.job}`} />
          {progress.text}
        </span>
      )}
      {state === 'dead' && (
        <Button aria-label={`Try ${job.job} #${id} again`} onClick={() => retry.mutate(id)}>
          Try again
        </Button>
      )}
      <span className={styles.attempts}>{attempts > 1 && `${attempts} tries`}</span>
      <span className={styles.took}>{tookMs(job)}</span>
      <span className={styles.time}>
        <Time at={job.finishedAt ?? job.startedAt ?? job.createdAt} />
      </span>
    </div>
  )
}

function tookMs({ startedAt, finishedAt }: JobRecord): string {
  if (startedAt === null || finishedAt === null) return ''
  return duration(Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)))
}
