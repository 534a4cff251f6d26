import type { Log } from '@dayshift/domain/context'
import { type JobEvent, type JobListener, watchJobs } from '@dayshift/queue'
import type { QueueConnection } from '@dayshift/queue/bullmq'
import {
  createLimiter,
  createMemoryStore,
  createRedisStore,
  createSessions,
  type Limiter,
  type Sessions,
} from '@dayshift/session'
import type { z } from 'zod'
import type { Settings } from './context.ts'
import { StartError } from './run-main.ts'

/** Jobs go through Redis where there is one, else through the database. */
export function queueConnection({ secrets }: Settings, databaseUrl: string): QueueConnection {
  return secrets.REDIS_URL === undefined
    ? { kind: 'postgres', url: databaseUrl }
    : { kind: 'redis', url: secrets.REDIS_URL }
}

/** Web and worker as processes of their own need a database that both can reach. Throws StartError. */
export function requireDatabase({ secrets }: Settings, command: string): void {
  if (secrets.DATABASE_URL !== undefined) return
  throw new StartError(
    `${command} needs DATABASE_URL, the address of a PostgreSQL server with pgvector. To run all in one process without servers: npm start.`,
  )
}

export interface SessionParts<Data> {
  sessions: Sessions<Data>
  signInLimiter: Limiter
  requestLimiter: Limiter
  close(): Promise<void>
}

/** Sessions and limits in Redis where there is one, shared by all web processes; else in this process. */
export async function openSessionParts<Data>(
  { secrets }: Settings,
  schema: z.ZodType<Data>,
): Promise<SessionParts<Data>> {
  const store =
    secrets.REDIS_URL === undefined
      ? createMemoryStore({ maxEntries: 100_000 })
      : createRedisStore({ url: secrets.REDIS_URL, keyPrefix: 'dayshift:session:' })
  return {
    sessions: createSessions({ store, schema }),
    signInLimiter: createLimiter({ store, name: 'sign-in', limit: 60, windowMs: 60_000 }),
    requestLimiter: createLimiter({ store, name: 'requests', limit: 1200, windowMs: 60_000 }),
    close: () => store.close(),
  }
}

export interface JobWatcher {
  watch(listener: JobListener): () => void
  close(): Promise<void>
}

/** One connection that tells any number of listeners what becomes of the jobs of all processes. */
export async function jobWatcher(databaseUrl: string, log: Log): Promise<JobWatcher> {
  const listeners = new Set<JobListener>()
  const onError = (error: Error): void => log.warn({ err: error }, 'job events are interrupted')
  const listening = await watchJobs({ databaseUrl, onError }, (event: JobEvent) => {
    for (const listener of listeners) listener(event)
  })
  return {
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => listening.close(),
  }
}
