import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SessionStoreUnavailable, type KeyStore } from './key-store.ts'
import { createRedisStore } from './redis-store.ts'
import { startFaultProxy, type FaultProxy } from './testing/fault-proxy.ts'
import { createPrefix, deleteKeys, redisUrl } from './testing/stores.ts'

const keeping = { ttlMs: 60_000 }
const keyPrefix = createPrefix()

test('a URL of another kind is refused without being shown', () => {
  const create = () => createRedisStore({ url: 'http://user:secret@host', keyPrefix })
  expect(create).toThrow('The URL of Redis must begin with redis:// or rediss://')
})

test('where nothing listens every command fails with the typed error at once', async () => {
  const store = createRedisStore({ url: 'redis://:secret@127.0.0.1:1', keyPrefix })
  const started = performance.now()
  const failure = await store.get('key').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(SessionStoreUnavailable)
  expect(String(failure)).toMatch(/ECONNREFUSED/)
  expect(String(failure)).not.toContain('secret')
  expect(performance.now() - started).toBeLessThan(1_200)
  await store.close()
})

describe.skipIf(redisUrl === undefined)('a Redis store behind a line that fails', () => {
  let proxy: FaultProxy
  let store: KeyStore
  let direct: KeyStore
  const lost: Error[] = []

  beforeEach(async () => {
    const { hostname, port } = new URL(redisUrl ?? '')
    proxy = await startFaultProxy({ host: hostname, port: Number(port || 6379) })
    store = createRedisStore({
      url: `redis://127.0.0.1:${proxy.port}`,
      keyPrefix,
      onError: (error) => lost.push(error),
    })
    direct = createRedisStore({ url: redisUrl ?? '', keyPrefix })
  })
  afterEach(async () => {
    await Promise.all([store.close(), direct.close()])
    await proxy.close()
  })
  afterAll(() => deleteKeys(keyPrefix))

  async function timeOfFailureMs(command: Promise<unknown>): Promise<number> {
    const started = performance.now()
    await expect(command).rejects.toThrow(SessionStoreUnavailable)
    return performance.now() - started
  }

  test('commands given before the connection stands are answered', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, n) => store.put(`early${n}`, 'x', keeping)))
    expect(await store.get('early29')).toBe('x')
  })

  test('a lost connection gives the typed error within about a second, and it mends itself', async () => {
    await store.put('key', 'kept', keeping)
    proxy.set('down')
    for (let tries = 0; tries < 3; tries += 1) expect(await timeOfFailureMs(store.get('key'))).toBeLessThan(1_300)
    expect(lost.length).toBeGreaterThan(0)
    proxy.set('up')
    await expect.poll(() => store.get('key').catch(() => 'not yet'), { timeout: 3_000 }).toBe('kept')
  })

  test('a silent line gives the typed error after a second, and works again when it speaks', async () => {
    await store.put('key', 'kept', keeping)
    proxy.set('silent')
    const elapsedMs = await timeOfFailureMs(store.get('key'))
    expect(elapsedMs).toBeGreaterThan(900)
    expect(elapsedMs).toBeLessThan(1_300)
    proxy.set('up')
    expect(await store.get('key')).toBe('kept')
  })

  test('a line that stays silent is given up for a new one', async () => {
    await store.put('key', 'kept', keeping)
    proxy.set('silent')
    await timeOfFailureMs(store.get('key'))
    await sleep(1_200)
    expect(lost.some(({ message }) => message.includes('Socket timeout'))).toBe(true)
  })

  test('a silent line at the start gives the typed error after a second', async () => {
    proxy.set('silent')
    const early = createRedisStore({ url: `redis://127.0.0.1:${proxy.port}`, keyPrefix })
    expect(await timeOfFailureMs(early.get('key'))).toBeLessThan(1_300)
    await early.close()
  })

  test('a command whose answer is lost fails and is applied once', async () => {
    const step = { floor: 0, ceiling: 10, by: 1, ttlMs: 60_000 }
    await store.advance('counted', step)
    proxy.set('cut')
    expect(await timeOfFailureMs(store.advance('counted', step))).toBeLessThan(1_300)
    proxy.set('up')
    await expect.poll(() => store.get('counted').catch(() => 'not yet'), { timeout: 3_000 }).toBe('2')
    await sleep(300)
    expect(await direct.get('counted')).toBe('2')
  })

  test('a command that failed while the line was down is not applied later', async () => {
    await store.put('once', 'kept', keeping)
    proxy.set('down')
    await timeOfFailureMs(store.take('once'))
    proxy.set('up')
    await expect.poll(() => store.get('once').catch(() => 'not yet'), { timeout: 3_000 }).toBe('kept')
  })

  test('a closed store gives the typed error', async () => {
    await store.close()
    await expect(store.get('key')).rejects.toThrow(new SessionStoreUnavailable('The store is closed'))
    await store.close()
  })

  test('an error of Redis gives the typed error without the arguments', async () => {
    await store.put('a', '1', { ...keeping, group: 'group' })
    const failure = await store.get('group').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SessionStoreUnavailable)
    expect(String(failure)).toContain('WRONGTYPE')
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(keyPrefix)
  })
})

describe.skipIf(redisUrl === undefined)('a Redis store', () => {
  const prefix = createPrefix()
  let client: Redis
  let store: KeyStore

  beforeAll(() => {
    client = new Redis(redisUrl ?? '')
    store = createRedisStore({ url: redisUrl ?? '', keyPrefix: prefix })
  })
  afterAll(async () => {
    await Promise.all([store.close(), client.quit()])
    await deleteKeys(prefix)
  })

  test('takes over the address of a client, not its settings, and leaves it open', async () => {
    const patient = client.duplicate({ keyPrefix: 'other:', maxRetriesPerRequest: null })
    const taken = createRedisStore({ client: patient, keyPrefix: prefix })
    await taken.put('key', 'x', keeping)
    await taken.close()
    expect(await client.get(`${prefix}key`)).toBe('x')
    expect(await patient.ping()).toBe('PONG')
    await patient.quit()
  })

  test('leaves every key with an end, and a group as long as its last member', async () => {
    await store.put('long', 'x', { ttlMs: 60_000, group: 'g' })
    await store.put('short', 'x', { ttlMs: 5_000, group: 'g' })
    await store.advance('n', { floor: 0, ceiling: 5, by: 1, ttlMs: 60_000 })
    await store.markSeen('seen', 'x', { atMs: 1_000_000, keepMs: 60_000 })
    for (const key of ['long', 'n', 'g', 'seen']) {
      const ttlMs = await client.pttl(prefix + key)
      expect(ttlMs).toBeGreaterThan(50_000)
      expect(ttlMs).toBeLessThanOrEqual(60_000)
    }
  })

  test('clears the ended members of a group when it is written', async () => {
    await store.put('first', 'x', { ttlMs: 60_000, group: 'brief' })
    for (let n = 0; n < 20; n += 1) await store.put(`brief${n}`, 'x', { ttlMs: 1, group: 'brief' })
    await sleep(20)
    await store.put('last', 'x', { ttlMs: 60_000, group: 'brief' })
    expect(await client.zrange(`${prefix}brief`, '0', '-1')).toEqual([`${prefix}first`, `${prefix}last`])
  })

  test('forgets who was not seen for long, and takes no later time back', async () => {
    await store.markSeen('seen', 'early', { atMs: 1_000_000, keepMs: 60_000 })
    await store.markSeen('seen', 'late', { atMs: 1_060_000, keepMs: 60_000 })
    await store.markSeen('seen', 'late', { atMs: 1_050_000, keepMs: 60_000 })
    expect(await client.zrange(`${prefix}seen`, '0', '-1', 'WITHSCORES')).toEqual([`late`, '1060000'])
  })

  test('clears the deleted members of a group at once', async () => {
    for (const key of ['x', 'y']) await store.put(key, 'x', { ttlMs: 60_000, group: 'two' })
    await store.delete(['x'], 'two')
    expect(await client.zrange(`${prefix}two`, '0', '-1')).toEqual([`${prefix}y`])
  })
})
