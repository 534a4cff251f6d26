import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Admission, ModelLimits } from './admission.ts'
import { createRedisAdmission } from './redis.ts'
import { redisUrl, useRedis } from './testing/admissions.ts'
import { startFaultLine } from './testing/fault-line.ts'

const now = { maxWaitMs: 0, leaseMs: 60_000 }
const patient = { maxWaitMs: 10_000, leaseMs: 60_000 }

test('a URL of another kind is refused without being shown', () => {
  const create = () => createRedisAdmission({ url: 'http://user:secret@host', keyPrefix: 'x' })
  expect(create).toThrow('The URL of Redis must begin with redis:// or rediss://')
})

test('where no Redis listens, calls are counted in the process, at once and with one warning', async () => {
  const warnings: Error[] = []
  const url = 'redis://:secret@127.0.0.1:1'
  const admission = createRedisAdmission({ url, keyPrefix: 'x', onDegraded: (error) => warnings.push(error) })
  await admission.enter('free', {}, 5, now)
  expect(warnings).toEqual([])
  const started = performance.now()
  const limits = { concurrency: 2 }
  const [place] = await Promise.all([admission.enter('m', limits, 0, now), admission.enter('m', limits, 0, now)])
  await expect(admission.enter('m', limits, 0, now)).rejects.toThrow('limit of 2 calls at the same time')
  await place.leave()
  await admission.enter('m', limits, 0, now)
  expect(performance.now() - started).toBeLessThan(1_000)
  expect(warnings).toHaveLength(1)
  expect(String(warnings[0])).toMatch(/Redis is unavailable, so each process counts limits alone: .*ECONNREFUSED/)
  expect(String(warnings[0])).not.toContain('secret')
  await admission.close()
})

describe.skipIf(!redisUrl)(`limits in Redis${redisUrl ? '' : ' (left out: no TEST_REDIS_URL)'}`, () => {
  const redis = useRedis()
  const children: ChildProcess[] = []
  let keyPrefix: string
  let admission: Admission
  let other: Admission

  beforeEach(() => {
    keyPrefix = redis.createPrefix()
    admission = createRedisAdmission({ url: redisUrl!, keyPrefix })
    other = createRedisAdmission({ client: redis.client(), keyPrefix })
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await Promise.all([admission.close(), other.close()])
  })

  /** Another process that enters as often as it can. */
  async function startTaker(limits: ModelLimits, tries: number, leaseMs: number) {
    const path = new URL('./testing/taker.ts', import.meta.url)
    const child = fork(path, [redisUrl!, keyPrefix, JSON.stringify(limits), `${tries}`, `${leaseMs}`], { execArgv: [] })
    children.push(child)
    const [taken] = (await once(child, 'message')) as [number]
    return { child, taken }
  }

  test('two processes together do not pass the limits', async () => {
    const limits = { concurrency: 30, requestsPerMinute: 10 }
    const takers = await Promise.all([startTaker(limits, 10, 60_000), startTaker(limits, 10, 60_000)])
    expect(takers.reduce((sum, { taken }) => sum + taken, 0)).toBe(10)
  })

  test('the places of a process that was killed are free after their lease, and not before', async () => {
    const limits = { concurrency: 4 }
    await admission.enter('model', limits, 0, now)
    const { child, taken } = await startTaker(limits, 5, 1_200)
    expect(taken).toBe(3)
    // The holder renews: its places outlive their first lease.
    await sleep(1_800)
    await expect(admission.enter('model', limits, 0, now)).rejects.toThrow('4 calls at the same time')
    child.kill('SIGKILL')
    const started = performance.now()
    await admission.enter('model', limits, 0, patient)
    const elapsedMs = performance.now() - started
    expect(elapsedMs).toBeGreaterThan(600)
    expect(elapsedMs).toBeLessThan(1_500)
  })

  test('a place that was given back is not renewed', async () => {
    const place = await admission.enter('m', { concurrency: 1 }, 0, { ...now, leaseMs: 60 })
    await place.leave()
    await sleep(100)
    expect(await redis.client().keys(`${keyPrefix}*`)).toEqual([])
  })

  test('first come, first served also between processes: who gives a place back does not take it again', async () => {
    const limits = { concurrency: 1 }
    const order: string[] = []
    const run = async (name: string, through: Admission) => {
      const place = await through.enter('m', limits, 0, patient)
      order.push(name)
      await sleep(20)
      await place.leave()
    }
    const place = await admission.enter('m', limits, 0, now)
    const first = run('here, first', admission)
    await sleep(100)
    const second = run('there', other)
    await sleep(100)
    const third = run('here, later', admission)
    await sleep(100)
    await place.leave()
    await Promise.all([first, second, third])
    expect(order).toEqual(['here, first', 'there', 'here, later'])
  })

  // 60,000 tokens a minute are 1,000 each second: 500 are there after half a second, if nobody else takes them.
  test('a large call in one process is not starved by small ones in another', async () => {
    const limits = { tokensPerMinute: 60_000 }
    await admission.enter('m', limits, 60_000, now)
    const large = other.enter('m', limits, 500, patient).then(() => performance.now())
    await sleep(100)
    const started = performance.now()
    const small = async () => {
      for (let n = 0; n < 10; n += 1) await admission.enter('m', limits, 100, patient)
    }
    await Promise.all([small(), small()])
    expect((await large) - started).toBeLessThan(900)
  })

  test('of many calls that wait in one process only the first is known to the others', async () => {
    const limits = { concurrency: 1 }
    const place = await admission.enter('m', limits, 0, now)
    const run = async () => (await admission.enter('m', limits, 0, patient)).leave()
    const waiting = Array.from({ length: 20 }, run)
    await expect.poll(() => redis.client().hlen(`${keyPrefix}{m}:line`)).toBe(1)
    await place.leave()
    await Promise.all(waiting)
    expect(await redis.client().keys(`${keyPrefix}*`)).toEqual([])
  })

  test('who stopped waiting is in nobody’s way', async () => {
    const limits = { tokensPerMinute: 600 }
    await admission.enter('m', limits, 590, now)
    const givenUp = admission.enter('m', limits, 600, { ...patient, maxWaitMs: 1_000 }).catch(String)
    await expect.poll(() => redis.client().hlen(`${keyPrefix}{m}:line`)).toBe(1)
    await expect(other.enter('m', limits, 10, now)).rejects.toThrow('600 tokens per minute')
    expect(await givenUp).toContain('limit of 600 tokens per minute')
    await other.enter('m', limits, 10, now)
  })

  test('who died waiting is in the way for two seconds', async () => {
    const limits = { requestsPerMinute: 600 }
    const [seconds] = await redis.client().time()
    await redis.client().hset(`${keyPrefix}{m}:line`, 'dead', `${seconds}000000 ${Number(seconds) + 2}000000 3`)
    const failure = await admission.enter('m', limits, 0, now).catch((error: unknown) => error)
    expect(String(failure)).toContain('LlmThrottled')
    const started = performance.now()
    await admission.enter('m', limits, 0, patient)
    expect(performance.now() - started).toBeLessThan(2_200)
  })

  test('every key ends by itself', async () => {
    const limits = { concurrency: 1, tokensPerMinute: 600 }
    await admission.enter('m', limits, 300, { ...now, leaseMs: 5_000 })
    const givenUp = admission.enter('m', limits, 0, { ...now, maxWaitMs: 1_000 }).catch(String)
    await expect.poll(() => redis.client().hlen(`${keyPrefix}{m}:line`)).toBe(1)
    const ttlMs = async (key: string) => redis.client().pttl(`${keyPrefix}{m}:${key}`)
    for (const [key, atMost] of [
      ['places', 5_000],
      ['rates', 30_000],
      ['line', 2_000],
    ] as const) {
      expect(await ttlMs(key)).toBeGreaterThan(atMost - 1_000)
      expect(await ttlMs(key)).toBeLessThanOrEqual(atMost)
    }
    expect(await givenUp).toContain('limit of 1 calls')
  })

  describe('behind a line that fails', () => {
    const warnings: Error[] = []
    let line: Awaited<ReturnType<typeof startFaultLine>>
    let behind: Admission

    beforeEach(async () => {
      warnings.length = 0
      line = await startFaultLine(Number(new URL(redisUrl!).port || 6379))
      behind = createRedisAdmission({ url: line.url, keyPrefix, onDegraded: (error) => warnings.push(error) })
    })
    afterEach(async () => {
      await behind.close()
      await line.close()
    })

    test.each(['down', 'silent'] as const)(
      'when it is %s, calls go on within a second, and come back to Redis',
      async (fault) => {
        const limits = { concurrency: 2 }
        const shared = await behind.enter('m', limits, 0, now)
        line.set(fault)
        const started = performance.now()
        const alone = await Promise.all([behind.enter('m', limits, 0, now), behind.enter('m', limits, 0, now)])
        expect(performance.now() - started).toBeLessThan(950)
        const again = performance.now()
        await expect(behind.enter('m', limits, 0, now)).rejects.toThrow('2 calls at the same time')
        await Promise.all([...alone, shared].map((place) => place.leave()))
        expect(performance.now() - again).toBeLessThan(200)
        expect(warnings).toHaveLength(1)

        line.set('none')
        const countPlaces = async () => {
          const place = await behind.enter('back', limits, 0, now)
          const count = await redis.client().zcard(`${keyPrefix}{back}:places`)
          await place.leave()
          return count
        }
        await expect.poll(countPlaces, { timeout: 5_000, interval: 100 }).toBe(1)
        expect(warnings).toHaveLength(1)
      },
    )

    test('a call that has nothing to give back does not speak to Redis when it leaves', async () => {
      const [all, some] = await Promise.all([
        behind.enter('m', { tokensPerMinute: 600 }, 300, now),
        behind.enter('m', { tokensPerMinute: 600 }, 300, now),
      ])
      line.set('down')
      await all.leave(300)
      expect(warnings).toEqual([])
      await some.leave(200)
      expect(warnings).toHaveLength(1)
    })

    test('a line that is silent from the start costs the first calls a second at most', async () => {
      line.set('silent')
      const started = performance.now()
      const early = createRedisAdmission({ url: line.url, keyPrefix })
      await Promise.all(Array.from({ length: 50 }, () => early.enter('m', { concurrency: 50 }, 0, now)))
      expect(performance.now() - started).toBeLessThan(950)
      await early.close()
    })
  })
})
