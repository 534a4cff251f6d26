import { once } from 'node:events'
import { Redis } from 'ioredis'
import type { Admission } from './admission.ts'
import { createMemoryTurnstile, refillUs } from './memory.ts'
import { withScripts } from './redis-scripts.ts'
import { createWaitingRoom } from './waiting-room.ts'
import type { Call, Pass, Refusal, Turnstile } from './waiting-room.ts'

export type RedisAdmissionOptions = (
  | { /** redis: or rediss: */ url: string }
  | {
      /** Its address, credentials and TLS are taken over; the admission opens a connection of its own. */
      client: Redis
    }
) & {
  /** Before every key. */
  keyPrefix: string
  /** Limit of each command, and of the wait for a connection before it. */
  timeoutMs?: number
  /** Hears once, each time that Redis is lost, that limits are now counted in this process alone. */
  onDegraded?: (error: Error) => void
}

/** By the number that the script gives. */
const LIMITS = [undefined, 'concurrency', 'requestsPerMinute', 'tokensPerMinute'] as const
/** How often is asked when only other processes know: calls last seconds, so a place stands empty for a small part of one. */
const POLL_MS = 50
/** Tokens given back by other processes may make the wait shorter than it was said to be. */
const MAX_PAUSE_MS = 1_000
/** A waiting call that did not ask for so long is gone, with its process; until then nobody may overtake it. */
const WAITING_MS = 2 * MAX_PAUSE_MS
const RECOVERY_MS = 1_000

/**
 * Limits that all processes with the same Redis (6.2 or newer) and prefix share; a call costs one round trip when it enters
 * and one when it leaves. Those who are first in line in their processes are served in the order in which they became it.
 *
 * Without Redis calls go on, counted in each process alone with the same limits: limits are there for a smooth flow, the
 * vendor still throttles and the ledger still holds the budget. Who finds Redis lost waits at most 2 × timeoutMs; after that
 * nobody waits for it until a write in the background succeeds. What was taken on one side is not counted on the other.
 */
export function createRedisAdmission(options: RedisAdmissionOptions): Admission {
  return createWaitingRoom(createRedisTurnstile(options))
}

function createRedisTurnstile({ keyPrefix, timeoutMs = 500, onDegraded, ...target }: RedisAdmissionOptions): Turnstile {
  const client = withScripts(connect(target, timeoutMs))
  const alone = createMemoryTurnstile()
  let connecting: Promise<unknown> | undefined
  let recovery: NodeJS.Timeout | undefined
  let closed = false
  // Each command tells of its own failure.
  client.on('error', () => {})

  // All waiters share one pair of listeners.
  async function untilReady(): Promise<void> {
    if (client.status === 'ready') return
    connecting ??= once(client, 'ready', { signal: AbortSignal.timeout(timeoutMs) }).finally(() => {
      connecting = undefined
    })
    await connecting
  }

  /** The reply, or undefined while Redis is lost. */
  async function run<Reply>(command: () => Promise<Reply>): Promise<Reply | undefined> {
    if (recovery || closed) return undefined
    try {
      await untilReady()
      return await command()
    } catch (error) {
      degrade(error)
      return undefined
    }
  }

  function degrade(error: unknown): void {
    if (recovery || closed) return
    scheduleRecovery()
    onDegraded?.(new Error(`Redis is unavailable, so each process counts limits alone: ${reasonOf(error)}`))
  }

  function scheduleRecovery(): void {
    recovery = setTimeout(() => void recover(), RECOVERY_MS).unref()
  }

  // A write, because a Redis that is full or a replica answers to everything else.
  async function recover(): Promise<void> {
    try {
      await client.set(`${keyPrefix}recovery`, '1', 'PX', RECOVERY_MS)
      recovery = undefined
    } catch {
      if (!closed) scheduleRecovery()
    }
  }

  function passOf({ id, model, limits, leaseMs }: Call): Pass {
    const { places, rates } = keysOf(model)
    const renew = () => run(() => client.admissionRenew(places, id, toUs(leaseMs)))
    // Nobody looks at places without a limit of them.
    const renewal = limits.concurrency === undefined ? undefined : setInterval(() => void renew(), leaseMs / 3).unref()
    return {
      async leave(unusedTokens) {
        clearInterval(renewal)
        const givenBackUs = limits.tokensPerMinute ? refillUs(unusedTokens, limits.tokensPerMinute) : 0
        if (renewal || givenBackUs > 0) await run(() => client.admissionLeave(places, rates, id, givenBackUs))
      },
    }
  }

  // Braces keep the keys of a model in one slot of a cluster.
  function keysOf(model: string) {
    const prefix = `${keyPrefix}{${model}}`
    return { places: `${prefix}:places`, rates: `${prefix}:rates`, line: `${prefix}:line` }
  }

  return {
    async take(call, waits) {
      const { id, model, limits, tokens, leaseMs } = call
      const { concurrency = '', requestsPerMinute = '', tokensPerMinute = '' } = limits
      const { places, rates, line } = keysOf(model)
      const waitingMs = waits ? WAITING_MS : 0
      const values = [id, toUs(leaseMs), concurrency, requestsPerMinute, tokensPerMinute, tokens, toUs(waitingMs)]
      const reply = await run(() => client.admissionEnter(places, rates, line, ...values))
      if (!reply) return alone.take(call, waits)
      const [limit, waitMs, behind] = reply
      return limit === 0 ? passOf(call) : refusalOf(LIMITS[limit]!, waitMs, behind === 1)
    },
    withdraw({ id, model }) {
      void run(() => client.hdel(keysOf(model).line, id))
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(recovery)
      await client.quit().catch(() => client.disconnect())
    },
  }
}

/** Pauses are spread, so that the processes do not all ask at once. */
function refusalOf(limit: Refusal['limit'], knownMs: number, behind: boolean): Refusal {
  const waitMs = knownMs > 0 ? knownMs : undefined
  if (waitMs === undefined || behind) return { limit, waitMs, pauseMs: POLL_MS * (0.5 + Math.random()) }
  return { limit, waitMs, pauseMs: Math.min(waitMs * (1 + 0.1 * Math.random()), MAX_PAUSE_MS) }
}

function toUs(ms: number): number {
  return Math.ceil(ms * 1_000)
}

function connect(target: { url: string } | { client: Redis }, timeoutMs: number): Redis {
  const settings = {
    keyPrefix: '',
    lazyConnect: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A peer that vanished without a word is given up, or it would be found silent for minutes.
    socketTimeout: 2 * timeoutMs,
    // A command that was sent may have been applied; a second time would take twice.
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

/** Without the cause: ioredis puts the arguments of the command on its errors. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason'
  return error.name === 'AbortError' ? 'no connection in time' : error.message
}
