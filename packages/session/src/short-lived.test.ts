import { expect, test } from 'vitest'
import { z } from 'zod'
import { ValueInvalid, ValueTooLarge } from './json-value.ts'
import { createShortLived } from './short-lived.ts'
import { describeStores } from './testing/stores.ts'

const schema = z.object({ email: z.string() })
const links = { schema, name: 'sign-in-link', ttlMs: 1_800_000 }
const ada = { email: 'ada@example.org' }

describeStores('short-lived keys', (open) => {
  test('a value is taken once', async () => {
    const short = createShortLived({ ...open(), ...links })
    const token = await short.put(ada)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(await short.take(token)).toEqual(ada)
    expect(await short.take(token)).toBeUndefined()
    expect(await short.find(token)).toBeUndefined()
  })

  test('of 50 takers in two processes exactly one gets it', async () => {
    const stores = open()
    const here = createShortLived({ ...stores, ...links })
    const there = createShortLived({ ...stores, ...links, store: stores.other })
    const token = await here.put(ada)
    const taken = await Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 ? here : there).take(token)))
    expect(taken.filter((value) => value !== undefined)).toEqual([ada])
  })

  test('looking does not take', async () => {
    const short = createShortLived({ ...open(), ...links })
    const token = await short.put(ada)
    expect(await short.find(token)).toEqual(ada)
    expect(await short.take(token)).toEqual(ada)
  })

  test('a value ends when its time is over', async () => {
    const stores = open()
    const short = createShortLived({ ...stores, ...links })
    const [first, second] = [await short.put(ada), await short.put(ada)]
    stores.advanceMs(1_799_999)
    expect(await short.take(first)).toEqual(ada)
    stores.advanceMs(1)
    expect(await short.find(second)).toBeUndefined()
    expect(await short.take(second)).toBeUndefined()
  })

  test('a token of one kind is nothing to another kind', async () => {
    const stores = open()
    const token = await createShortLived({ ...stores, ...links }).put(ada)
    const resets = createShortLived({ ...stores, ...links, name: 'reset' })
    expect(await resets.take(token)).toBeUndefined()
    expect(await resets.take('')).toBeUndefined()
  })

  test('a value that does not fit is refused, and one that no longer fits is not given', async () => {
    const stores = open()
    const short = createShortLived({ ...stores, ...links })
    await expect(short.put({ email: 1 } as never)).rejects.toThrow(ValueInvalid)
    await expect(short.put({ email: 'x'.repeat(4_096) })).rejects.toThrow(ValueTooLarge)
    const token = await short.put(ada)
    const changed = createShortLived({ ...stores, ...links, schema: z.object({ userId: z.string() }) })
    expect(await changed.take(token)).toBeUndefined()
  })
})
