import { describe, expect, test } from 'vitest'
import { createGroups } from './groups.ts'

/** Writes down what is done and how; each piece of work ends when it is let. */
function open({ most, slowMs }: { most?: number; slowMs?: number } = {}) {
  const done: (number | number[])[] = []
  const ends: PromiseWithResolvers<void>[] = []
  const wait = async (what: number | number[]) => {
    done.push(what)
    const end = Promise.withResolvers<void>()
    ends.push(end)
    await end.promise
  }
  const add = createGroups<number, string>({
    ...(most === undefined ? {} : { most }),
    ...(slowMs === undefined ? {} : { slowMs }),
    async together(items) {
      await wait(items)
      if (items.includes(13)) throw Object.assign(new Error('duplicate key'), { code: '23505' })
      if (items.includes(99)) throw Object.assign(new Error('connection lost'), { code: '08006' })
      return items.includes(7) ? undefined : items.map((item) => `together ${item}`)
    },
    async alone(item) {
      await wait(item)
      if (item === 7 || item === 13) throw new Error(`not ${item}`)
      return `alone ${item}`
    },
  })
  const settled = (items: number[]) =>
    Promise.all(items.map((item) => add(item).catch((error: Error) => error.message)))
  /** Lets the work under way end, and what follows it begin. */
  const next = async () => {
    ends.shift()?.resolve()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const nextAll = async () => {
    while (ends.length > 0) await next()
  }
  return { settled, next, nextAll, done }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('one that comes alone is done at once, and what comes meanwhile goes together after it', async () => {
  const { settled, next, done } = open()
  const first = settled([1])
  await turn()
  const others = [settled([2]), settled([3])]
  await turn()
  expect(done).toEqual([1])
  await next()
  expect(done).toEqual([1, [2, 3]])
  const last = settled([4])
  await next()
  await next()
  expect(done).toEqual([1, [2, 3], 4])
  expect(await Promise.all([first, ...others, last])).toEqual([
    ['alone 1'],
    ['together 2'],
    ['together 3'],
    ['alone 4'],
  ])
})

test('what comes in the same turn goes together, so many at most', async () => {
  const { settled, nextAll, done } = open({ most: 3 })
  const all = settled([1, 2, 3, 4, 5])
  await turn()
  await nextAll()
  expect(done).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
  expect(await all).toEqual([1, 2, 3, 4, 5].map((item) => `together ${item}`))
})

describe('a group that', () => {
  test('does nothing because of one item is tried one by one, and only that one fails', async () => {
    const { settled, nextAll, done } = open()
    const all = settled([6, 7, 8])
    await turn()
    await nextAll()
    expect(done).toEqual([[6, 7, 8], 6, 7, 8])
    expect(await all).toEqual(['alone 6', 'not 7', 'alone 8'])
  })

  test('fails by what one item holds is tried one by one', async () => {
    const { settled, nextAll } = open()
    const all = settled([12, 13])
    await turn()
    await nextAll()
    expect(await all).toEqual(['alone 12', 'not 13'])
  })

  test('fails otherwise may have been done, so nothing is tried again', async () => {
    const { settled, nextAll, done } = open()
    const all = settled([98, 99])
    await turn()
    await nextAll()
    expect(done).toEqual([[98, 99]])
    expect(await all).toEqual(['connection lost', 'connection lost'])
  })

  test('takes long holds the next one up for a while only', async () => {
    const { settled, nextAll, done } = open({ slowMs: 20 })
    const first = settled([1])
    await turn()
    const second = settled([2])
    await expect.poll(() => done).toEqual([1, 2])
    await nextAll()
    expect([await first, await second]).toEqual([['alone 1'], ['alone 2']])
  })
})
