import { expect, test } from 'vitest'
import { createMemoryStore } from './memory-store.ts'

test('a full store makes room by what would expire soonest', async () => {
  const store = createMemoryStore({ maxEntries: 20 })
  for (let n = 0; n < 20; n += 1) await store.put(`session${n}`, 'x', { ttlMs: 1_000_000 + n, group: 'all' })
  for (let n = 0; n < 1_000; n += 1) await store.put(`limit${n}`, 'x', { ttlMs: 60_000 })
  const sessions = await store.list('all')
  // The first limit found a full store of sessions only: two of them, a tenth, had to go. Later limits displace limits.
  expect(sessions.map(({ key }) => key)).toEqual(Array.from({ length: 18 }, (_, n) => `session${n + 2}`))
  expect(await store.get('limit999')).toBe('x')
})

test('room is made by the expired alone where there are any', async () => {
  let nowMs = 0
  const store = createMemoryStore({ maxEntries: 20, clock: () => new Date(nowMs) })
  await store.put('short', 'x', { ttlMs: 10 })
  for (let n = 0; n < 19; n += 1) await store.put(`long${n}`, 'x', { ttlMs: 1_000, group: 'long' })
  nowMs = 10
  await store.put('next', 'x', { ttlMs: 500 })
  expect(await store.list('long')).toHaveLength(19)
  expect(store.countEntries()).toBe(20)
})

test('the expired are cleared once a minute when something is written', async () => {
  let nowMs = 0
  const store = createMemoryStore({ clock: () => new Date(nowMs) })
  for (let n = 0; n < 100; n += 1) await store.put(`key${n}`, 'x', { ttlMs: 10 })
  nowMs = 59_999
  await store.put('early', 'x', { ttlMs: 60_000 })
  expect(store.countEntries()).toBe(101)
  nowMs = 60_000
  await store.put('late', 'x', { ttlMs: 60_000 })
  expect(store.countEntries()).toBe(2)
})

test('a store needs a bound of at least one entry', () => {
  expect(() => createMemoryStore({ maxEntries: 0 })).toThrow('maxEntries is 0')
})
