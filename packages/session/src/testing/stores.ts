import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, inject } from 'vitest'
import type { KeyStore } from '../key-store.ts'
import { createMemoryStore } from '../memory-store.ts'
import { createRedisStore } from '../redis-store.ts'

/** Redis for tests; its part is left out when there is none. */
export const { redisUrl } = inject('services')

export interface TestStores {
  readonly store: KeyStore
  /** Another connection to the same keys, as a second web process has it. In memory it is the same store. */
  readonly other: KeyStore
  readonly clock: () => Date
  advanceMs(by: number): void
}

/** A prefix that no other test uses. */
export function createPrefix(): string {
  return `test-session:${randomUUID()}:`
}

export async function deleteKeys(prefix: string): Promise<void> {
  const client = new Redis(redisUrl ?? '')
  const keys = await client.keys(`${prefix}*`)
  if (keys.length > 0) await client.del(...keys)
  await client.quit()
}

/** Runs one suite over every driver; `open()` gives the stores of the present test, empty, on a clock of their own. */
export function describeStores(name: string, suite: (open: () => TestStores) => void): void {
  describe(`${name}, in memory`, () => {
    suite(
      perTest((clock) => {
        const store = createMemoryStore({ clock })
        return { store, other: store }
      }),
    )
  })
  describe.skipIf(redisUrl === undefined)(`${name}, in Redis`, () => {
    const prefixes: string[] = []
    afterAll(async () => {
      for (const prefix of prefixes) await deleteKeys(prefix)
    })
    suite(
      perTest(() => {
        const keyPrefix = createPrefix()
        prefixes.push(keyPrefix)
        const url = redisUrl ?? ''
        return { store: createRedisStore({ url, keyPrefix }), other: createRedisStore({ url, keyPrefix }) }
      }),
    )
  })
}

function perTest(create: (clock: () => Date) => { store: KeyStore; other: KeyStore }): () => TestStores {
  let current: TestStores | undefined
  beforeEach(() => {
    let nowMs = Date.UTC(2026, 0, 1)
    const clock = () => new Date(nowMs)
    const { store, other } = create(clock)
    const advanceMs = (by: number) => {
      nowMs += by
    }
    current = { store, other, clock, advanceMs }
    return async () => {
      await store.close()
      await other.close()
    }
  })
  return () => {
    if (current === undefined) throw new Error('open() is for the inside of a test')
    return current
  }
}
