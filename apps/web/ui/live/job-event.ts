import type { JobRecord, JobState } from '../api/answers.ts'

/** What `/api/v1/jobs/events` tells; a hint, the list has the truth. */
export interface JobEvent {
  type: 'queued' | 'started' | 'progress' | 'done' | 'dead' | 'retry'
  id: string
  job: string
  progress?: unknown
  error?: string
}

const stateOf: Record<JobEvent['type'], JobState> = {
  queued: 'waiting',
  started: 'running',
  progress: 'running',
  done: 'done',
  dead: 'dead',
  retry: 'waiting',
}

/** The event in a message; undefined when it is none that we know. */
export function readJobEvent(message: string): JobEvent | undefined {
  try {
    const event = JSON.parse(message) as Partial<JobEvent> | null
    const known = event?.type !== undefined && Object.hasOwn(stateOf, event.type)
    return known && typeof event.id === 'string' && typeof event.job === 'string' ? (event as JobEvent) : undefined
  } catch {
    return undefined
  }
}

/** A job as it stands after an event. */
export const afterEvent = (job: JobRecord, event: JobEvent): JobRecord => ({
  ...job,
  state: stateOf[event.type],
  progress: event.progress ?? job.progress,
  error: event.type === 'done' ? null : (event.error ?? job.error),
})
