import { expect, test } from 'vitest'
import { createLimiter } from './limiter.ts'
import { createMemoryStore } from './memory-store.ts'
import { describeStores } from './testing/stores.ts'

// Expected figures are worked out by hand from the algorithm: 6 in a minute means one comes back each 10 s.
const sixAMinute = { name: 'sign-in', limit: 6, windowMs: 60_000 }

describeStores('rate limits', (open) => {
  test('the limit may be taken at once and not one more', async () => {
    const limiter = createLimiter({ ...open(), ...sixAMinute })
    for (const remaining of [5, 4, 3, 2, 1, 0]) {
      expect(await limiter.take('ada')).toMatchObject({ allowed: true, remaining, retryAfterMs: 0 })
    }
    expect(await limiter.take('ada')).toEqual({
      allowed: false,
      remaining: 0,
      resetAfterMs: 60_000,
      retryAfterMs: 10_000,
    })
  })

  test('one comes back in each interval, and refused tries cost nothing', async () => {
    const stores = open()
    const limiter = createLimiter({ ...stores, ...sixAMinute })
    await limiter.take('ada', 6)
    stores.advanceMs(9_999)
    for (let tries = 0; tries < 10; tries += 1) expect((await limiter.take('ada')).allowed).toBe(false)
    stores.advanceMs(1)
    expect((await limiter.take('ada')).allowed).toBe(true)
    expect((await limiter.take('ada')).allowed).toBe(false)
    stores.advanceMs(90_000)
    expect(await limiter.peek('ada')).toEqual({ allowed: true, remaining: 6, resetAfterMs: 0, retryAfterMs: 0 })
  })

  test('a higher cost is taken whole or not at all', async () => {
    const limiter = createLimiter({ ...open(), ...sixAMinute })
    expect(await limiter.take('ada', 4)).toMatchObject({ allowed: true, remaining: 2, resetAfterMs: 40_000 })
    expect(await limiter.take('ada', 3)).toMatchObject({ allowed: false, remaining: 2, retryAfterMs: 10_000 })
    expect(await limiter.take('ada', 2)).toMatchObject({ allowed: true, remaining: 0 })
  })

  test('a look takes nothing and says what a try would meet', async () => {
    const limiter = createLimiter({ ...open(), ...sixAMinute })
    await limiter.take('ada', 5)
    for (let looks = 0; looks < 3; looks += 1)
      expect(await limiter.peek('ada')).toMatchObject({ allowed: true, remaining: 1 })
    await limiter.take('ada')
    expect(await limiter.peek('ada')).toEqual(await limiter.take('ada'))
  })

  test('a reset frees one key, and keys and names are apart', async () => {
    const stores = open()
    const limiter = createLimiter({ ...stores, ...sixAMinute })
    const other = createLimiter({ ...stores, ...sixAMinute, name: 'search' })
    await limiter.take('ada', 6)
    await limiter.take('bob', 6)
    expect((await other.take('ada', 6)).allowed).toBe(true)
    await limiter.reset('ada')
    expect((await limiter.take('ada', 6)).allowed).toBe(true)
    expect((await limiter.take('bob')).allowed).toBe(false)
  })

  test('tries at the same time from two processes are counted together', async () => {
    const stores = open()
    const here = createLimiter({ ...stores, ...sixAMinute })
    const there = createLimiter({ ...stores, ...sixAMinute, store: stores.other })
    const tries = await Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 ? here : there).take('ada')))
    expect(tries.filter(({ allowed }) => allowed)).toHaveLength(6)
  })

  test('a clock that is set back by a day locks nobody out for longer than the window', async () => {
    const stores = open()
    const limiter = createLimiter({ ...stores, ...sixAMinute })
    await limiter.take('ada', 6)
    stores.advanceMs(-86_400_000)
    expect(await limiter.peek('ada')).toMatchObject({ allowed: false, retryAfterMs: 10_000 })
    expect(await limiter.take('ada')).toMatchObject({ allowed: false, retryAfterMs: 10_000 })
    stores.advanceMs(10_000)
    expect((await limiter.take('ada')).allowed).toBe(true)
  })

  test.each([3, 7, 600, 999])(
    'a limit that does not divide its window allows exactly itself, and again after it: %i',
    async (limit) => {
      const stores = open()
      const limiter = createLimiter({ ...stores, name: 'odd', limit, windowMs: 1_000 })
      let allowed = 0
      while (allowed <= limit && (await limiter.take('ada')).allowed) allowed += 1
      expect(allowed).toBe(limit)
      stores.advanceMs(1_000)
      expect(await limiter.peek('ada')).toMatchObject({ remaining: limit, resetAfterMs: 0 })
    },
  )

  test('what limits are kept for is not readable in the store', async () => {
    const { store, clock } = open()
    await createLimiter({ store, clock, ...sixAMinute }).take('ada@example.org')
    expect(await store.get('limit:sign-in:ada@example.org')).toBeUndefined()
    // printf %s ada@example.org | openssl dgst -sha256 -binary | basenc --base64url
    expect(await store.get('limit:sign-in:z-AN3kbvlCYB_6-54oJegChYtGDlhrgwWzRMHrgmNX0')).toMatch(/^\d+$/)
  })
})

test.each([
  [{ name: 'Sign in', limit: 1, windowMs: 1 }, /name "Sign in"/],
  [{ name: 'a', limit: 0, windowMs: 1 }, /limit is 0/],
  [{ name: 'a', limit: 1.5, windowMs: 1 }, /limit is 1.5/],
  [{ name: 'a', limit: 1, windowMs: -1 }, /windowMs is -1/],
  [{ name: 'a', limit: 2, windowMs: 1 }, /limit is 2/],
])('settings that cannot work are refused: %j', (settings, message) => {
  expect(() => createLimiter({ store: createMemoryStore(), ...settings })).toThrow(message)
})

test.each([0, -1, 0.5, 7, Number.NaN])('a cost that can never be met is refused: %d', async (cost) => {
  const limiter = createLimiter({ store: createMemoryStore(), ...sixAMinute })
  await expect(limiter.take('ada', cost)).rejects.toThrow(RangeError)
})
