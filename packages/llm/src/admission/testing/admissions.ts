import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeEach, describe, inject } from 'vitest'
import type { Admission } from '../admission.ts'
import { createMemoryAdmission } from '../memory.ts'
import { createRedisAdmission } from '../redis.ts'

/** Redis for tests; its part is left out when there is none. */
export const { redisUrl } = inject('services')

export interface TestAdmission {
  admission: Admission
  /** As if so much time had passed. */
  advanceMs(ms: number): Promise<void>
}

/** Runs one suite over both drivers; `open()` gives the admission of the present test, with nothing taken. */
export function describeAdmissions(suite: (open: () => TestAdmission) => void): void {
  let current: TestAdmission | undefined
  const open = () => {
    if (!current) throw new Error('open() is for the inside of a test')
    return current
  }
  afterEach(() => current?.admission.close())

  describe('in memory', () => {
    beforeEach(() => {
      let aheadMs = 0
      const admission = createMemoryAdmission({ clock: () => new Date(Date.now() + aheadMs) })
      const advanceMs = async (ms: number) => void (aheadMs += ms)
      current = { admission, advanceMs }
    })
    suite(open)
  })

  const why = redisUrl ? '' : ' (left out: no TEST_REDIS_URL)'
  describe.skipIf(!redisUrl)(`in Redis${why}`, () => {
    const redis = useRedis()
    beforeEach(() => {
      const keyPrefix = redis.createPrefix()
      const admission = createRedisAdmission({ url: redisUrl!, keyPrefix })
      current = { admission, advanceMs: (ms) => ageKeys(redis.client(), keyPrefix, ms) }
    })
    suite(open)
  })
}

/** A client for the tests of a `describe`, and prefixes of its own whose keys are deleted afterwards. */
export function useRedis() {
  const prefixes: string[] = []
  let client: Redis | undefined
  afterAll(async () => {
    if (!client) return
    for (const prefix of prefixes) {
      const keys = await client.keys(`${prefix}*`)
      if (keys.length > 0) await client.del(...keys)
    }
    await client.quit()
  })
  return {
    client: () => (client ??= new Redis(redisUrl!)),
    createPrefix() {
      const prefix = `test-admission:${randomUUID()}:`
      prefixes.push(prefix)
      return prefix
    },
  }
}

/** The clock of Redis cannot be set, so all that is kept is made older. */
async function ageKeys(client: Redis, keyPrefix: string, ms: number): Promise<void> {
  const us = ms * 1_000
  for (const key of await client.keys(`${keyPrefix}*:places`)) {
    for (const call of await client.zrange(key, '0', '-1')) await client.zincrby(key, `${-us}`, call)
  }
  for (const key of await client.keys(`${keyPrefix}*:rates`)) {
    for (const bucket of await client.hkeys(key)) await client.hincrby(key, bucket, `${-us}`)
  }
}
