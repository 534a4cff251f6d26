import {
  createPostgresBackend,
  createRedisBackend,
  Queue,
  runMigrations,
  Worker,
  type BackendFactory,
  type ConnectionOptions,
  type Processor,
  type RedisQueueBackend,
  type WorkerOptions,
} from 'bullmq'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { LoginPool, type PostgresServer, serverOf } from '../postgres-server.ts'

/** Where BullMQ keeps its side of the queues. */
export type QueueConnection =
  | { kind: 'redis'; url: string }
  | {
      kind: 'redis'
      /** Its address, credentials and TLS are taken over, by `duplicate`; the queues open connections of their own. */
      client: Redis
    }
  | { kind: 'postgres'; url: string }
  | { kind: 'postgres'; server: PostgresServer }

/** What a BullMQ job carries: the row of the outbox, and which sending of it this is. */
export interface Delivery {
  id: string
  sending: string
}

/** One connection to BullMQ's store, shared by all queues and workers of the process. */
export interface Backend {
  openQueue<Data>(name: string): Queue<Data>
  openWorker<Data>(name: string, processor: Processor<Data>, options: Omit<WorkerOptions, 'connection'>): Worker<Data>
  close(): Promise<void>
}

export interface BackendOptions {
  connection: QueueConnection
  /** How many workers will be opened: on PostgreSQL each holds a connection to listen on. */
  workers: number
  prefix: string
  onError: (error: Error) => void
}

interface Store {
  options: { connection: ConnectionOptions; prefix: string }
  factory: BackendFactory<RedisQueueBackend>
  close(): Promise<void>
}

// Nobody reads BullMQ's own event stream: `watchJobs` tells more for less.
const eventsKept = 20
const queryConnections = 4

export async function openBackend({ connection, workers, prefix, onError }: BackendOptions): Promise<Backend> {
  const store =
    connection.kind === 'redis'
      ? openRedis(connection, prefix)
      : await openPostgres('url' in connection ? serverOf(connection.url) : connection.server, prefix, workers)
  // One connection serves them all, and each reports what becomes of it.
  const told = new WeakSet<Error>()
  const report = (error: Error) => {
    if (!told.has(error)) onError(error)
    told.add(error)
  }
  return {
    openQueue<Data>(name: string) {
      const options = { ...store.options, streams: { events: { maxLen: eventsKept } } }
      const queue = new Queue<Data>(name, options, store.factory)
      queue.on('error', report)
      return queue
    },
    openWorker<Data>(name: string, processor: Processor<Data>, options: Omit<WorkerOptions, 'connection'>) {
      const worker = new Worker<Data>(name, processor, { ...options, ...store.options }, store.factory)
      worker.on('error', report)
      return worker
    },
    close: () => store.close(),
  }
}

function openRedis(target: { url: string } | { client: Redis }, prefix: string): Store {
  // Workers wait for a lost server instead of failing their jobs: BullMQ demands `null`.
  const settings = { maxRetriesPerRequest: null, lazyConnect: false }
  const redis = 'client' in target ? target.client.duplicate(settings) : new Redis(target.url, settings)
  return {
    options: { connection: redis, prefix },
    factory: createRedisBackend,
    close: async () => redis.disconnect(),
  }
}

async function openPostgres(server: PostgresServer, prefix: string, workers: number): Promise<Store> {
  const client = await server.connect(async () => {
    const client = new Client(server.options)
    await client.connect()
    return client
  })
  try {
    await runMigrations(client)
  } finally {
    await client.end()
  }
  const max = workers + queryConnections
  const pool = new LoginPool(server, { max, options: '-c search_path=bullmq', keepAlive: true })
  // BullMQ's types name one backend; queues and workers speak only to what both have in common.
  const connection = pool as unknown as ConnectionOptions
  const factory = createPostgresBackend as unknown as BackendFactory<RedisQueueBackend>
  return { options: { connection, prefix }, factory, close: () => pool.end() }
}
