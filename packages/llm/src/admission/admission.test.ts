import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LlmThrottled } from '../errors.ts'
import type { Admission, ModelLimits, Place } from './admission.ts'
import { describeAdmissions } from './testing/admissions.ts'

const now = { maxWaitMs: 0, leaseMs: 60_000 }
const patient = { maxWaitMs: 10_000, leaseMs: 60_000 }

async function failureOf(entering: Promise<Place>): Promise<LlmThrottled> {
  const failure = await entering.catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(LlmThrottled)
  return failure as LlmThrottled
}

/** How many calls get in without waiting, of so many. */
async function countAdmitted(admission: Admission, limits: ModelLimits, tokens: number, tries: number) {
  const results = await Promise.allSettled(
    Array.from({ length: tries }, () => admission.enter('m', limits, tokens, now)),
  )
  return results.filter(({ status }) => status === 'fulfilled').length
}

describeAdmissions((open) => {
  test('as many calls as the limit are in at the same time, and the next when one leaves', async () => {
    const { admission } = open()
    const limits = { concurrency: 2 }
    const [first] = await Promise.all([admission.enter('m', limits, 0, now), admission.enter('m', limits, 0, now)])
    const failure = await failureOf(admission.enter('m', limits, 0, now))
    expect(failure.message).toBe('m: no room within 0 ms under the limit of 2 calls at the same time.')
    expect(failure.retryable).toBe(true)
    await first.leave()
    expect(await countAdmitted(admission, limits, 0, 5)).toBe(1)
  })

  // 6 a minute: 6 at once, then one in each 10 s. After 25 s 2 more; after 65 s 6 + 6 in all; after an hour no more than 6.
  test('requests of a minute are exactly those of the bucket and of its refill', async () => {
    const { admission, advanceMs } = open()
    const limits = { requestsPerMinute: 6 }
    expect(await countAdmitted(admission, limits, 0, 20)).toBe(6)
    const failure = await failureOf(admission.enter('m', limits, 0, now))
    expect(failure.message).toBe('m: no room within 0 ms under the limit of 6 requests per minute.')
    expect(failure.retryAfterMs).toBeGreaterThan(5_000)
    expect(failure.retryAfterMs).toBeLessThanOrEqual(10_000)
    await advanceMs(25_000)
    expect(await countAdmitted(admission, limits, 0, 20)).toBe(2)
    await advanceMs(40_000)
    expect(await countAdmitted(admission, limits, 0, 20)).toBe(4)
    await advanceMs(3_600_000)
    expect(await countAdmitted(admission, limits, 0, 20)).toBe(6)
  })

  // 7 a minute is one in 8.571428… s, which is no whole number of anything.
  test('a limit that does not divide a minute loses nothing', async () => {
    const { admission, advanceMs } = open()
    const limits = { requestsPerMinute: 7 }
    expect(await countAdmitted(admission, limits, 0, 20)).toBe(7)
    await advanceMs(8_600)
    expect(await countAdmitted(admission, limits, 0, 20)).toBe(1)
    await advanceMs(60_000)
    expect(await countAdmitted(admission, limits, 0, 20)).toBe(7)
  })

  // 600 tokens a minute are 10 each second: what comes back during a test is less than the 40 or 50 that are one too many.
  test('tokens that were reserved and not used are given back', async () => {
    const { admission } = open()
    const limits = { tokensPerMinute: 600 }
    const place = await admission.enter('m', limits, 400, now)
    await admission.enter('m', limits, 200, now)
    const failure = await failureOf(admission.enter('m', limits, 300, now))
    expect(failure.message).toBe(
      'm: no room within 0 ms under the limit of 600 tokens per minute (the call reserves 300).',
    )
    expect(failure.retryAfterMs).toBeGreaterThan(26_000)
    expect(failure.retryAfterMs).toBeLessThanOrEqual(30_000)
    await place.leave(150)
    expect(await countAdmitted(admission, limits, 290, 1)).toBe(0)
    expect(await countAdmitted(admission, limits, 250, 2)).toBe(1)
  })

  test('nothing is given back when it is not known, when more was used, or a second time', async () => {
    const { admission } = open()
    const limits = { tokensPerMinute: 600, concurrency: 3 }
    const [unknown, over, twice] = await Promise.all([
      admission.enter('m', limits, 200, now),
      admission.enter('m', limits, 200, now),
      admission.enter('m', limits, 200, now),
    ])
    await unknown.leave()
    await over.leave(250)
    await Promise.all([twice.leave(100), twice.leave(0)])
    await twice.leave(0)
    expect(await countAdmitted(admission, limits, 150, 1)).toBe(0)
    expect(await countAdmitted(admission, limits, 100, 1)).toBe(1)
    expect(await countAdmitted(admission, limits, 0, 9)).toBe(2)
  })

  test('what is given back never makes the bucket larger', async () => {
    const { admission, advanceMs } = open()
    const limits = { tokensPerMinute: 600 }
    const place = await admission.enter('m', limits, 500, now)
    await advanceMs(120_000)
    await place.leave(0)
    expect(await countAdmitted(admission, limits, 600, 1)).toBe(1)
    expect(await countAdmitted(admission, limits, 50, 1)).toBe(0)
  })

  test('a refused call takes nothing of anything', async () => {
    const { admission } = open()
    const limits = { concurrency: 2, requestsPerMinute: 3, tokensPerMinute: 600 }
    const first = await admission.enter('m', limits, 500, now)
    expect(await countAdmitted(admission, limits, 200, 10)).toBe(0)
    const second = await admission.enter('m', limits, 100, now)
    expect(await countAdmitted(admission, limits, 0, 10)).toBe(0)
    await Promise.all([first.leave(0), second.leave(0)])
    expect(await countAdmitted(admission, limits, 600, 10)).toBe(1)
    expect(await countAdmitted(admission, limits, 0, 10)).toBe(0)
  })

  test('each model has limits of its own', async () => {
    const { admission } = open()
    const limits = { concurrency: 1 }
    await admission.enter('one', limits, 0, now)
    await admission.enter('other', limits, 0, now)
    expect((await failureOf(admission.enter('one', limits, 0, now))).message).toMatch(/^one: /)
  })

  test('a model without limits is free, even while calls wait that have some', async () => {
    const { admission } = open()
    await admission.enter('m', { concurrency: 1 }, 0, now)
    const waiting = failureOf(admission.enter('m', { concurrency: 1 }, 0, { ...patient, maxWaitMs: 50 }))
    const place = await admission.enter('m', { concurrency: undefined }, 1e9, now)
    await place.leave(5)
    expect((await waiting).message).toContain('1 calls')
  })

  test('calls wait in the order in which they came', async () => {
    const { admission } = open()
    const limits = { concurrency: 1 }
    const order: number[] = []
    let place = await admission.enter('m', limits, 0, now)
    const entering = Array.from({ length: 6 }, async (_, n) => {
      const mine = await admission.enter('m', limits, 0, patient)
      order.push(n)
      await sleep(5)
      await mine.leave()
    })
    await sleep(50)
    await place.leave()
    await Promise.all(entering)
    expect(order).toEqual([0, 1, 2, 3, 4, 5])
    place = await admission.enter('m', limits, 0, now)
    await place.leave()
  })

  // 6,000 tokens a minute are 100 each second: 30 come back in 0.3 s.
  test('a call waits for the tokens that it needs, and small ones do not overtake it', async () => {
    const { admission } = open()
    const limits = { tokensPerMinute: 6_000 }
    await admission.enter('m', limits, 6_000, now)
    const started = performance.now()
    const order: string[] = []
    const enter = async (name: string, tokens: number) => {
      await admission.enter('m', limits, tokens, patient)
      order.push(name)
      return performance.now() - started
    }
    const [largeMs, smallMs] = await Promise.all([enter('large', 30), sleep(20).then(() => enter('small', 1))])
    expect(order).toEqual(['large', 'small'])
    expect(largeMs).toBeGreaterThan(270)
    expect(smallMs).toBeLessThan(1_000)
  })

  test('tokens given back let the first in line in before its time', async () => {
    const { admission } = open()
    const limits = { tokensPerMinute: 600 }
    const place = await admission.enter('m', limits, 600, now)
    const started = performance.now()
    const waiting = admission.enter('m', limits, 300, patient)
    await sleep(50)
    await place.leave(100)
    await waiting
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('who waits too long is told what for, and the others move up', async () => {
    const { admission } = open()
    const limits = { concurrency: 1 }
    const place = await admission.enter('m', limits, 0, now)
    const started = performance.now()
    const impatient = failureOf(admission.enter('m', limits, 0, { ...patient, maxWaitMs: 200 }))
    const next = admission.enter('m', limits, 0, patient)
    expect((await impatient).message).toContain('within 200 ms under the limit of 1 calls at the same time')
    const elapsedMs = performance.now() - started
    expect(elapsedMs).toBeGreaterThan(190)
    expect(elapsedMs).toBeLessThan(1_000)
    await place.leave()
    await (await next).leave()
  })

  test('a cancelled call leaves the line at once, wherever it stands', async () => {
    const { admission } = open()
    const limits = { concurrency: 1 }
    const place = await admission.enter('m', limits, 0, now)
    const aborts = [new AbortController(), new AbortController()]
    const cancelled = aborts.map(({ signal }) => admission.enter('m', limits, 0, { ...patient, signal }))
    const staying = admission.enter('m', limits, 0, patient)
    await sleep(50)
    for (const [n, abort] of aborts.entries()) {
      const reason = new Error(`no longer wanted ${n}`)
      const started = performance.now()
      abort.abort(reason)
      await expect(cancelled[n]).rejects.toBe(reason)
      expect(performance.now() - started).toBeLessThan(200)
    }
    await place.leave()
    await staying
    const signal = AbortSignal.abort(new Error('before'))
    await expect(admission.enter('m', limits, 0, { ...patient, signal })).rejects.toThrow('before')
  })

  test('a call that is cancelled while it is let in gives all back', async () => {
    const { admission } = open()
    const limits = { concurrency: 1, tokensPerMinute: 600 }
    const abort = new AbortController()
    const entering = admission.enter('m', limits, 600, { ...patient, signal: abort.signal })
    abort.abort(new Error('cancelled'))
    await expect(entering).rejects.toThrow('cancelled')
    await admission.enter('m', limits, 600, now)
  })

  test.each([
    [{ tokensPerMinute: 1_000 }, 'm: the call needs 1001, which the limit of 1000 tokens per minute never allows.'],
    [{ concurrency: 0 }, 'm: the call needs 1, which the limit of 0 calls at the same time never allows.'],
    [{ requestsPerMinute: 0 }, 'm: the call needs 1, which the limit of 0 requests per minute never allows.'],
  ])('a call that %j can never let in is refused at once', async (limits, message) => {
    const { admission } = open()
    const started = performance.now()
    const failure = await failureOf(admission.enter('m', limits, 1_001, patient))
    expect(failure.message).toBe(message)
    expect(failure.retryable).toBe(false)
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  test('a count of tokens that is none is a mistake of the caller', async () => {
    const { admission } = open()
    for (const tokens of [NaN, -1, Infinity]) {
      await expect(admission.enter('m', { concurrency: 1 }, tokens, now)).rejects.toThrow(RangeError)
    }
  })

  test('closing ends the waiting', async () => {
    const { admission } = open()
    const limits = { concurrency: 1 }
    const place = await admission.enter('m', limits, 0, now)
    const waiting = [admission.enter('m', limits, 0, patient), admission.enter('m', limits, 0, patient)]
    const ended = Promise.allSettled(waiting)
    await sleep(20)
    await admission.close()
    for (const result of await ended) expect(String((result as PromiseRejectedResult).reason)).toContain('closing')
    await place.leave()
  })
})
