import { whereToSet } from '@dayshift/domain/config'
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
import type { PostgresServer } from '@dayshift/storage'
import type { z } from 'zod'
import type { OpenContext } from './context.ts'
import { StartError } from './run-main.ts'
import type { Settings } from './settings.ts'

/** Jobs go through Redis where there is one, else through the database. */
export const queueConnection = ({ postgres, redis }: Pick<OpenContext, 'postgres' | 'redis'>): QueueConnection =>
  redis ? { kind: 'redis', client: redis } : { kind: 'postgres', server: postgres }

/** Web and worker as processes of their own need a database that both can reach. Returns its URL. Throws StartError. */
export function requireDatabase({ secrets, hints }: Pick<Settings, 'secrets' | 'hints'>, command: string): string {
  if (secrets.DATABASE_URL !== undefined) return secrets.DATABASE_URL
  throw new StartError(
    [
      `${command} needs DATABASE_URL, the address of a PostgreSQL server with pgvector. ${whereToSet('DATABASE_URL')} To run all in one process without servers: npm start.`,
      ...hints,
    ].join('\n'),
  )
}

export interface SessionParts<Data> {
  sessions: Sessions<Data>
  signInLimiter: Limiter
  requestLimiter: Limiter
  close(): Promise<void>
}

/** Sessions and limits in Redis where there is one, shared by all web processes; else in this process. */
export function openSessionParts<Data>(
  { config }: Pick<Settings, 'config'>,
  { redis }: Pick<OpenContext, 'redis'>,
  schema: z.ZodType<Data>,
): SessionParts<Data> {
  const store = redis
    ? createRedisStore({ client: redis, keyPrefix: `${config.REDIS_KEY_PREFIX}:session:` })
    : createMemoryStore({ maxEntries: 100_000 })
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
export async function jobWatcher(postgres: PostgresServer, log: Log): Promise<JobWatcher> {
  const listeners = new Set<JobListener>()
  const onError = (error: Error): void => log.warn({ err: error }, 'job events are interrupted')
  const listening = await watchJobs({ postgres, onError }, (event: JobEvent) => {
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
