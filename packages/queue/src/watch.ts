import { z } from 'zod'
import { listen, type Listening } from './listen.ts'
import type { PostgresPlace } from './postgres-server.ts'

export const jobEventChannel = 'job_event'

export const JobEvent = z.object({
  type: z.enum(['queued', 'started', 'progress', 'done', 'dead', 'retry']),
  id: z.string(),
  job: z.string(),
  queue: z.string(),
  /** Left out when it is longer than 2,000 characters: the record of the job has it. */
  progress: z.unknown().optional(),
  /** Cut after 500 characters: the record of the job has it all. */
  error: z.string().optional(),
})
export type JobEvent = z.infer<typeof JobEvent>
export type JobListener = (event: JobEvent) => void

/**
 * Tells what becomes of the jobs of all processes. An event is a hint: of those that one job has within 250 ms
 * only the last is told, and none is repeated after a break of the connection. The outbox has the truth.
 */
export function watchJobs(
  { postgres, onError }: { postgres: PostgresPlace; onError?: (error: Error) => void },
  listener: JobListener,
): Promise<Listening> {
  return listen({
    postgres,
    onError,
    channels: { [jobEventChannel]: (payload) => readEvents(payload).forEach((event) => listener(event)) },
  })
}

/** The events of one notification; none when it is not one of ours. */
export function readEvents(payload: string): JobEvent[] {
  try {
    return z.array(JobEvent).parse(JSON.parse(payload))
  } catch {
    return []
  }
}
