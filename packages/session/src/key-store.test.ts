import { expect, test } from 'vitest'
import { describeStores } from './testing/stores.ts'

const keeping = { ttlMs: 60_000 }

describeStores('a key store', (open) => {
  test('keeps text exactly', async () => {
    const { store, other } = open()
    const text = 'line\r\nbreak \0 nul ü 🦊 "quotes"'
    await store.put('key', text, keeping)
    expect(await other.get('key')).toBe(text)
    expect(await store.get('absent')).toBeUndefined()
  })

  test('replaces only what is expected', async () => {
    const { store } = open()
    expect(await store.replace('key', 'old', 'new', keeping)).toBe(false)
    expect(await store.get('key')).toBeUndefined()
    await store.put('key', 'old', keeping)
    expect(await store.replace('key', 'other', 'new', keeping)).toBe(false)
    expect(await store.replace('key', 'old', 'new', keeping)).toBe(true)
    expect(await store.get('key')).toBe('new')
  })

  test('of many replacements of one value exactly one succeeds', async () => {
    const { store, other } = open()
    await store.put('key', 'old', keeping)
    const tries = Array.from({ length: 50 }, (_, n) =>
      (n % 2 ? store : other).replace('key', 'old', `new${n}`, keeping),
    )
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
  })

  test('lists a group and forgets the members that are deleted', async () => {
    const { store } = open()
    await store.put('a', '1', { ...keeping, group: 'g' })
    await store.put('b', '2', { ...keeping, group: 'g' })
    await store.put('c', '3', keeping)
    expect((await store.list('g')).sort((x, y) => x.key.localeCompare(y.key))).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ])
    expect(await store.delete(['a', 'c', 'absent'], 'g')).toBe(2)
    expect(await store.list('g')).toEqual([{ key: 'b', value: '2' }])
    expect(await store.delete([])).toBe(0)
  })

  test('moves a counter between its bounds and never past them', async () => {
    const { store } = open()
    const step = { floor: 1_767_225_600_000_000, ceiling: 1_767_225_600_000_010, by: 4, ttlMs: 60_000 }
    expect(await store.advance('n', step)).toEqual({ advanced: true, value: step.floor + 4 })
    expect(await store.advance('n', { ...step, by: 7 })).toEqual({ advanced: false, value: step.floor + 4 })
    expect(await store.advance('n', { ...step, by: 6 })).toEqual({ advanced: true, value: step.ceiling })
    expect(await store.get('n')).toBe('1767225600000010')
    expect(await store.advance('n', { ...step, floor: 5, ceiling: 8 })).toEqual({ advanced: false, value: 8 })
  })
})
