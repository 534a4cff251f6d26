import { expect, test } from 'vitest'
import { LlmUnavailable } from '../errors.ts'
import { collect } from '../testing/collect.ts'
import { begin, startedBy } from './begun.ts'
import { retry } from './retry.ts'

const options = { attempts: 3, baseMs: 1, maxMs: 1 }

async function* letters(): AsyncGenerator<string, undefined> {
  yield 'a'
  yield 'b'
}

test('a stream is tried again only while nothing was passed on', async () => {
  let opened = 0
  const open = async function* (): AsyncGenerator<string, undefined> {
    opened++
    if (opened === 1) throw new LlmUnavailable('before')
    yield 'piece'
    throw new LlmUnavailable('after')
  }
  const seen: string[] = []
  const read = async () => {
    for await (const piece of startedBy(() => retry(() => begin(open()), options))) seen.push(piece)
  }
  await expect(read()).rejects.toThrow('after')
  expect(seen).toEqual(['piece'])
  expect(opened).toBe(2)
})

test('items come in order, also when several are asked for at once, and then it is over', async () => {
  expect(await collect(startedBy(() => begin(letters())))).toEqual(['a', 'b'])
  const stream = startedBy(() => begin(letters()))
  const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()])
  expect(results.map(({ value }) => value)).toEqual(['a', 'b', undefined, undefined])
})

test('nothing starts before somebody reads, and nothing after he left', async () => {
  let starts = 0
  const stream = startedBy(() => {
    starts++
    return begin(letters())
  })
  expect(starts).toBe(0)
  await stream.return?.()
  expect(await collect(stream)).toEqual([])
  expect(starts).toBe(0)
})

test.each([true, false])('who leaves ends the stream behind, after an item: %j, or while it starts', async (waits) => {
  let isOver = false
  const source = async function* (): AsyncGenerator<string, undefined> {
    try {
      yield* letters()
    } finally {
      isOver = true
    }
  }
  const stream = startedBy(() => begin(source()))
  const first = stream.next()
  if (waits) await first
  await stream.return?.()
  expect(isOver).toBe(true)
  expect(await stream.next()).toEqual({ done: true, value: undefined })
})

test('a start that fails is told once', async () => {
  const stream = startedBy(() => Promise.reject(new LlmUnavailable('down')))
  await expect(stream.next()).rejects.toThrow('down')
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  expect(await stream.return?.()).toEqual({ done: true, value: undefined })
})
