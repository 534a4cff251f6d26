import { describe, expect, test } from 'vitest'
import {
  LlmAnswerInvalid,
  LlmModelNotFound,
  LlmNotAllowed,
  LlmPriceUnknown,
  LlmRefusedRequest,
  LlmThrottled,
  LlmTimeout,
  LlmTruncatedStream,
  LlmUnavailable,
} from '../errors.ts'
import { createBreakers } from './breaker.ts'
import type { BreakerOptions } from './breaker.ts'

const START_MS = Date.UTC(2026, 0, 1)
const down = new LlmUnavailable('down')

/** Rests of 10, 20, 40, 60, 60… s after 3 failures within a minute. */
function setUp(options: BreakerOptions = {}) {
  let nowMs = START_MS
  const clock = () => new Date(nowMs)
  const standard = { failures: 3, windowMs: 60_000, restMs: 10_000, maxRestMs: 60_000, probes: 1, clock }
  const breakers = createBreakers({ ...standard, ...options })
  const at = (second: number) => new Date(START_MS + second * 1_000)
  return {
    breakers,
    at,
    goTo: (second: number) => void (nowMs = START_MS + second * 1_000),
    fail: (times: number, error: Error = down) => {
      for (let n = 0; n < times; n += 1) breakers.failed('m', error)
    },
    succeed: (times: number) => {
      for (let n = 0; n < times; n += 1) breakers.succeeded('m')
    },
    isOpen: () => 'retryAt' in breakers.allow('m'),
  }
}

const open = (retryAt: Date) => ({ retryAt })
const closed = { probe: false }
const probe = { probe: true }

describe('closed', () => {
  test('a model that nothing is known of is allowed', () => {
    const { breakers } = setUp()
    expect(breakers.allow('m')).toEqual(closed)
    expect(breakers.states()).toEqual([])
  })

  test('the third failure begins a rest, and only for that model', () => {
    const { breakers, at, fail } = setUp()
    breakers.succeeded('other')
    fail(2)
    expect(breakers.allow('m')).toEqual(closed)
    fail(1)
    expect(breakers.allow('m')).toEqual(open(at(10)))
    expect(breakers.allow('other')).toEqual(closed)
  })

  test('failures that are no majority do not', () => {
    const { fail, succeed, isOpen } = setUp()
    succeed(3)
    fail(3)
    expect(isOpen()).toBe(false)
    fail(1)
    expect(isOpen()).toBe(true)
  })

  test('failures of more than a window ago are forgotten', () => {
    const { fail, goTo, isOpen } = setUp()
    fail(2)
    goTo(60)
    fail(1)
    expect(isOpen()).toBe(false)
    goTo(65)
    fail(1)
    expect(isOpen()).toBe(false)
    goTo(119)
    fail(1)
    expect(isOpen()).toBe(true)
  })

  test('so are successes', () => {
    const { fail, succeed, goTo, isOpen } = setUp()
    succeed(100)
    goTo(61)
    fail(3)
    expect(isOpen()).toBe(true)
  })

  test('a clock that was set back does not keep anything for ever', () => {
    const { fail, succeed, goTo, isOpen } = setUp()
    goTo(3_600)
    succeed(100)
    goTo(0)
    fail(3)
    expect(isOpen()).toBe(true)
  })
})

describe('which errors count', () => {
  test.each([
    new LlmUnavailable('x'),
    new LlmTimeout('x'),
    new LlmTruncatedStream('x'),
    new LlmThrottled('a quota of the account', { retryable: false }),
  ])('$name, retryable $retryable: one each', (error) => {
    const { fail, isOpen } = setUp()
    fail(2, error)
    expect(isOpen()).toBe(false)
    fail(1, error)
    expect(isOpen()).toBe(true)
  })

  test('being throttled: a quarter', () => {
    const { fail, isOpen } = setUp()
    fail(11, new LlmThrottled('slow down'))
    expect(isOpen()).toBe(false)
    fail(1, new LlmThrottled('slow down'))
    expect(isOpen()).toBe(true)
  })

  test.each([
    new LlmRefusedRequest('x'),
    new LlmNotAllowed('x'),
    new LlmModelNotFound('x'),
    new LlmPriceUnknown('x'),
    new LlmAnswerInvalid('x'),
    new TypeError('a bug'),
  ])('$name: not at all', (error) => {
    const { fail, isOpen } = setUp()
    fail(2)
    fail(100, error)
    expect(isOpen()).toBe(false)
  })

  test('an answer of the wrong shape is an answer, a refused request says nothing', () => {
    const answered = setUp()
    answered.fail(3, new LlmAnswerInvalid('no JSON'))
    answered.fail(3)
    expect(answered.isOpen()).toBe(false)
    const refused = setUp()
    refused.fail(3, new LlmRefusedRequest('too long'))
    refused.fail(3)
    expect(refused.isOpen()).toBe(true)
  })
})

describe('open', () => {
  test('nobody passes before the rest is over, then one probe', () => {
    const { breakers, at, fail, goTo } = setUp()
    fail(3)
    goTo(9.999)
    expect(breakers.allow('m')).toEqual(open(at(10)))
    goTo(10)
    expect(breakers.allow('m')).toEqual(probe)
  })

  test('what ends during the rest, or after it without a probe, changes nothing', () => {
    const { breakers, at, fail, succeed, goTo } = setUp()
    fail(3)
    goTo(5)
    fail(10)
    succeed(10)
    breakers.cancelled('m')
    expect(breakers.allow('m')).toEqual(open(at(10)))
    goTo(12)
    fail(10)
    expect(breakers.allow('m')).toEqual(probe)
  })

  test('the vendor’s Retry-After makes a rest longer, up to the longest', () => {
    const { breakers, at, fail } = setUp()
    fail(11, new LlmThrottled('slow down'))
    fail(1, new LlmThrottled('slow down', { retryAfterMs: 25_000 }))
    expect(breakers.allow('m')).toEqual(open(at(25)))
    const other = setUp()
    other.fail(3, new LlmThrottled('come back tomorrow', { retryable: false, retryAfterMs: 86_400_000 }))
    expect(other.breakers.allow('m')).toEqual(open(at(60)))
  })
})

describe('half-open', () => {
  test('a probe that succeeds closes, with a clean sheet', () => {
    const { breakers, fail, succeed, goTo, at } = setUp()
    fail(3)
    goTo(10)
    breakers.allow('m')
    succeed(1)
    expect(breakers.allow('m')).toEqual(closed)
    fail(2)
    expect(breakers.allow('m')).toEqual(closed)
    fail(1)
    expect(breakers.allow('m')).toEqual(open(at(20)))
  })

  // Rests of 10, 20, 40, then 60 at most: 0-10, 10-30, 30-70, 70-130, 130-190.
  test('each probe that fails doubles the rest, up to the longest', () => {
    const { breakers, fail, goTo, at } = setUp()
    fail(3)
    for (const [second, until] of [
      [10, 30],
      [30, 70],
      [70, 130],
      [130, 190],
    ] as const) {
      goTo(second)
      expect(breakers.allow('m')).toEqual(probe)
      fail(1, new LlmThrottled('still too fast'))
      expect(breakers.allow('m')).toEqual(open(at(until)))
    }
  })

  test('after a recovery the next rest is short again', () => {
    const { breakers, fail, succeed, goTo, at } = setUp()
    fail(3)
    goTo(10)
    breakers.allow('m')
    fail(1)
    goTo(30)
    breakers.allow('m')
    succeed(1)
    fail(3)
    expect(breakers.allow('m')).toEqual(open(at(40)))
  })

  test('no more probes at the same time than allowed, and a cancelled one makes room', () => {
    const { breakers, fail, goTo, isOpen } = setUp({ probes: 2 })
    fail(3)
    goTo(10)
    expect([breakers.allow('m'), breakers.allow('m')]).toEqual([probe, probe])
    expect(isOpen()).toBe(true)
    breakers.cancelled('m')
    expect(breakers.allow('m')).toEqual(probe)
    expect(isOpen()).toBe(true)
  })

  test('a probe whose request was refused says nothing: the next is a probe again', () => {
    const { breakers, fail, goTo } = setUp()
    fail(3)
    goTo(10)
    breakers.allow('m')
    fail(1, new LlmRefusedRequest('too long'))
    expect(breakers.allow('m')).toEqual(probe)
  })

  test('a probe that nobody reports is given up after the rest that its failure would have brought', () => {
    const { breakers, fail, goTo, at } = setUp()
    fail(3)
    goTo(10)
    expect(breakers.allow('m')).toEqual(probe)
    goTo(29)
    expect(breakers.allow('m')).toEqual(open(at(30)))
    goTo(30)
    expect(breakers.allow('m')).toEqual(probe)
  })

  test('more cancelled calls than probes do not let more through', () => {
    const { breakers, fail, goTo, isOpen } = setUp()
    fail(3)
    goTo(10)
    for (let n = 0; n < 5; n += 1) breakers.cancelled('m')
    expect(breakers.allow('m')).toEqual(probe)
    expect(isOpen()).toBe(true)
  })
})

test('the states are listed for the health page', () => {
  const { breakers, fail, goTo, at } = setUp()
  breakers.succeeded('good')
  breakers.failed('shaky', new LlmTimeout('late'))
  fail(3)
  const good = { model: 'good', state: 'closed', retryAt: undefined, lastError: undefined }
  const shaky = { model: 'shaky', state: 'closed', retryAt: undefined, lastError: 'LlmTimeout: late' }
  const ill = { model: 'm', retryAt: at(10), lastError: 'LlmUnavailable: down' }
  expect(breakers.states()).toEqual([good, shaky, { ...ill, state: 'open' }])
  goTo(10)
  expect(breakers.states()).toEqual([good, shaky, { ...ill, state: 'half-open' }])
  breakers.allow('m')
  breakers.succeeded('m')
  expect(breakers.states()).toEqual([good, shaky, { ...good, model: 'm' }])
})

// Whatever happens in whatever order: a rest is kept, no longer than the longest, and then ends; probes are limited.
test.each(Array.from({ length: 20 }, (_, seed) => seed + 1))('random sequence %i keeps the promises', (seed) => {
  const random = makeRandom(seed)
  const { breakers, at, goTo } = setUp({ probes: 2 })
  const reports = [
    () => breakers.succeeded('m'),
    () => breakers.cancelled('m'),
    () => breakers.failed('m', down),
    () => breakers.failed('m', down),
    () => breakers.failed('m', new LlmThrottled('slow')),
    () => breakers.failed('m', new LlmRefusedRequest('wrong')),
  ]
  const broken = new Set<string>()
  const seen = { probes: 0, rests: 0 }
  let second = 0
  /** Since the last report: when probes were let through, and when the next was promised. */
  let probedAt: number[] = []
  let retryAt: Date | undefined
  for (let step = 0; step < 2_000; step += 1) {
    const dice = random()
    if (dice < 0.3) goTo((second += Math.floor(random() * 20)))
    else if (dice < 0.5) {
      reports[Math.floor(random() * reports.length)]!()
      probedAt = []
      retryAt = undefined
    } else {
      const allowed = breakers.allow('m')
      const isTimeUp = retryAt !== undefined && at(second) >= retryAt
      if ('retryAt' in allowed) {
        seen.rests += 1
        if (isTimeUp) broken.add('a rest went on')
        if (retryAt && allowed.retryAt.getTime() !== retryAt.getTime()) broken.add('a rest changed')
        retryAt = allowed.retryAt
        if (retryAt <= at(second) || retryAt > at(second + 60)) broken.add('a rest had a wrong length')
      } else {
        if (retryAt && !isTimeUp) broken.add('a rest was not kept')
        retryAt = undefined
        // The shortest time after which a probe is given up is 20 s: the rest that follows the first.
        if (allowed.probe) probedAt = [...probedAt.filter((from) => from > second - 20), second]
        if (allowed.probe) seen.probes += 1
        if (probedAt.length > 2) broken.add('too many probes')
      }
    }
  }
  expect([...broken]).toEqual([])
  expect(seen.probes).toBeGreaterThan(20)
  expect(seen.rests).toBeGreaterThan(20)
})

/** Numbers of 0 <= n < 1, the same for the same seed (mulberry32). */
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
