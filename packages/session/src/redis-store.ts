import { once } from 'node:events'
import { Redis } from 'ioredis'
import { SessionStoreUnavailable, type Entry, type Keeping, type KeyStore } from './key-store.ts'
import { withScripts } from './redis-scripts.ts'

export type RedisStoreOptions = (
  | { /** redis: or rediss: */ readonly url: string }
  | {
      /** Its address, credentials and TLS are taken over; the store opens a connection of its own. */
      readonly client: Redis
    }
) & {
  /** Before every key. */
  readonly keyPrefix: string
  /** Limit of each command, and of the wait for a connection. */
  readonly timeoutMs?: number
  /** Hears of lost connections, which the store mends by itself. */
  readonly onError?: (error: Error) => void
}

/**
 * A key store in Redis 6.2 or newer. Nothing hangs and nothing is sent twice: a command fails when its connection is
 * lost or its time is up, and none is queued while there is no connection.
 */
export function createRedisStore({ keyPrefix, timeoutMs = 1_000, onError, ...target }: RedisStoreOptions): KeyStore {
  const client = withScripts(connect(target, timeoutMs))
  client.on('error', (error: Error) => onError?.(error))
  let connecting: Promise<unknown> | undefined
  let closed = false

  // All waiters share one pair of listeners.
  async function untilReady(): Promise<void> {
    if (client.status === 'ready') return
    connecting ??= once(client, 'ready', { signal: AbortSignal.timeout(timeoutMs) }).finally(() => {
      connecting = undefined
    })
    await connecting
  }

  async function run<Reply>(command: () => Promise<Reply>): Promise<Reply> {
    if (closed) throw new SessionStoreUnavailable('The store is closed')
    try {
      await untilReady()
      return await command()
    } catch (error) {
      // The cause is not kept: ioredis puts the arguments of the command, so keys and values, on its errors.
      throw new SessionStoreUnavailable(`Redis is unavailable: ${reasonOf(error)}`)
    }
  }

  function write(key: string, value: string, { ttlMs, group }: Keeping, expected?: string): Promise<number> {
    const keys = group === undefined ? [keyPrefix + key] : [keyPrefix + key, keyPrefix + group]
    const rest = expected === undefined ? [] : [expected]
    return run(() => client.sessionWrite(keys.length, ...keys, value, String(Math.ceil(ttlMs)), ...rest))
  }

  return {
    async get(key) {
      return (await run(() => client.get(keyPrefix + key))) ?? undefined
    },
    async put(key, value, keeping) {
      await write(key, value, keeping)
    },
    async replace(key, expected, value, keeping) {
      return (await write(key, value, keeping, expected)) === 1
    },
    async take(key) {
      return (await run(() => client.getdel(keyPrefix + key))) ?? undefined
    },
    async delete(keys, group) {
      if (keys.length === 0) return 0
      const full = keys.map((key) => keyPrefix + key)
      if (group === undefined) return run(() => client.del(...full))
      return run(() => client.sessionRemove(full.length + 1, keyPrefix + group, ...full))
    },
    async list(group) {
      const keys = await run(() => client.zrange(keyPrefix + group, '0', '-1'))
      if (keys.length === 0) return []
      const values = await run(() => client.mget(...keys))
      return keys.flatMap((key, index): Entry[] => {
        const value = values[index]
        return typeof value === 'string' ? [{ key: key.slice(keyPrefix.length), value }] : []
      })
    },
    async advance(key, { floor, ceiling, by, ttlMs }) {
      const reply = await run(() => client.sessionAdvance(keyPrefix + key, floor, ceiling, by, Math.ceil(ttlMs)))
      return { advanced: reply[0] === 1, value: Number(reply[1]) }
    },
    async markSeen(set, member, { atMs, keepMs }) {
      await run(() => client.sessionMarkSeen(keyPrefix + set, member, atMs, keepMs))
    },
    async countSeen(set, sinceMs) {
      return run(() => client.zcount(keyPrefix + set, sinceMs, '+inf'))
    },
    async close() {
      if (closed) return
      closed = true
      await client.quit().catch(() => client.disconnect())
    },
  }
}

function connect(target: { url: string } | { client: Redis }, timeoutMs: number): Redis {
  const settings = {
    keyPrefix: '',
    lazyConnect: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A peer that vanished without a word is given up, or each command would time out until the system notices.
    socketTimeout: 2 * timeoutMs,
    // A command that was sent may have been applied; a second time would count or take twice.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (attempt: number) => Math.min(100 * attempt, 1_000),
    // After a failover the old primary answers as a replica: find the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
  if ('client' in target) return target.client.duplicate(settings)
  if (!/^rediss?:\/\//i.test(target.url)) throw new TypeError('The URL of Redis must begin with redis:// or rediss://')
  return new Redis(target.url, settings)
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason'
  return error.name === 'AbortError' ? 'no connection in time' : error.message
}
