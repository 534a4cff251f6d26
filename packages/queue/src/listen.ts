import { setTimeout as sleep } from 'node:timers/promises'
import { Client, escapeIdentifier } from 'pg'
import { type PostgresPlace, serverOf } from './postgres-server.ts'

export interface Listening {
  close(): Promise<void>
}

export interface ListenOptions {
  postgres: PostgresPlace
  /** What to do with the payloads of each channel. */
  channels: Record<string, (payload: string) => void>
  /** Called after each connect: what was said while nobody listened is not repeated. */
  onConnect?: (() => void) | undefined
  onError?: ((error: Error) => void) | undefined
}

const reconnectMs = 1_000

/** Listens on its own connection and connects again when it breaks. Throws when the first connect fails. */
export async function listen({ postgres, channels, onConnect, onError }: ListenOptions): Promise<Listening> {
  const server = serverOf(postgres)
  const stopped = new AbortController()
  let client: Client | undefined

  async function open(): Promise<void> {
    const fresh = new Client({ ...server.options, keepAlive: true })
    let listening = false
    fresh.on('error', (error) => onError?.(error))
    fresh.on('end', () => {
      if (listening) void reconnect()
    })
    fresh.on('notification', ({ channel, payload }) => channels[channel]?.(payload ?? ''))
    try {
      await fresh.connect()
      for (const channel of Object.keys(channels)) await fresh.query(`listen ${escapeIdentifier(channel)}`)
    } catch (error) {
      await fresh.end().catch(() => {})
      throw error
    }
    if (stopped.signal.aborted) return fresh.end()
    listening = true
    client = fresh
    onConnect?.()
  }

  const connect = (): Promise<void> => server.connect(open)

  async function reconnect(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await sleep(reconnectMs, undefined, { ref: false, signal: stopped.signal })
        return await connect()
      } catch (error) {
        if (!stopped.signal.aborted) onError?.(error as Error)
      }
    }
  }

  await connect()
  return {
    async close() {
      stopped.abort()
      await client?.end().catch(() => {})
    },
  }
}
