import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inBatches } from './batch.ts'

test('calls made while a batch is under way go together in the next ones', async () => {
  const batches: number[][] = []
  const double = inBatches(async (items: number[]) => {
    batches.push(items)
    await sleep(5)
    return items.map((item) => item * 2)
  }, 3)
  const first = double(1)
  await sleep(1)
  const rest = [2, 3, 4, 5].map(double)
  expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8, 10])
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
})

test('an item that fails its batch fails only itself', async () => {
  const halve = inBatches(async (items: number[]) => {
    if (items.includes(3)) throw new Error('odd')
    return items.map((item) => item / 2)
  })
  const results = await Promise.allSettled([2, 3, 4].map(halve))
  expect(results).toMatchObject([{ value: 1 }, { reason: new Error('odd') }, { value: 2 }])
})
