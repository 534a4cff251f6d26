import { expect, test } from 'vitest'
import { LAST, relay } from './relay.ts'
import type { Relay } from './relay.ts'
import { collect } from './testing/collect.ts'

/** Passes on numbers above zero as text, and notes how it ended. */
function relayed(source: AsyncIterable<number>, steps: Partial<Relay<number, string>> = {}) {
  const ends: string[] = []
  const stream = relay(source, {
    read: (item) => (item > 0 ? String(item) : undefined),
    end: () => {
      ends.push('end')
      return 'last'
    },
    failed: async (error) => {
      ends.push('failed')
      throw new Error('in our words', { cause: error })
    },
    left: () => void ends.push('left'),
    ...steps,
  })
  return { stream, ends }
}

async function* numbers(...items: number[]): AsyncGenerator<number> {
  yield* items
}

test('items are passed on but for those that show nothing, then comes the last and it is over', async () => {
  const { stream, ends } = relayed(numbers(0, 1, 0, 0, 2, 0))
  expect(await collect(stream)).toEqual(['1', '2', 'last'])
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  await stream.return?.()
  expect(ends).toEqual(['end'])
})

test('who asks several times at once gets the items in order, also behind one that shows nothing', async () => {
  const { stream, ends } = relayed(numbers(0, 1, 2))
  const seen: unknown[] = []
  const ask = async () => void seen.push((await stream.next()).value)
  await Promise.all([ask(), ask(), ask(), ask(), ask()])
  expect(seen).toEqual(['1', '2', 'last', undefined, undefined])
  expect(ends).toEqual(['end'])
})

const broken = async function* (): AsyncGenerator<number> {
  yield 1
  throw new Error('broken')
}
const refuse = () => {
  throw new Error('broken')
}
test.each<[string, AsyncIterable<number>, Partial<Relay<number, string>>]>([
  ['the source', broken(), {}],
  ['reading', numbers(1), { read: refuse }],
  ['the end', numbers(), { end: refuse }],
])('a failure of %s is told once, in our words', async (_, source, steps) => {
  const { stream, ends } = relayed(source, steps)
  await expect(collect(stream)).rejects.toMatchObject({ message: 'in our words', cause: { message: 'broken' } })
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  await stream.return?.()
  expect(ends).toEqual(['failed'])
})

test('who leaves stops the source first, and nothing comes after', async () => {
  const log: string[] = []
  const source = async function* () {
    try {
      yield* numbers(1, 2)
    } finally {
      log.push('stopped')
    }
  }
  const { stream } = relayed(source(), { left: () => void log.push('left') })
  for await (const _item of stream) break
  await stream.return?.()
  expect(log).toEqual(['stopped', 'left'])
  expect(await stream.next()).toEqual({ done: true, value: undefined })
})

test.each(['item', 'failure'])('who leaves while he waits gets nothing more, not the %s that comes', async (what) => {
  const pending = Promise.withResolvers<IteratorResult<number>>()
  const { stream, ends } = relayed({ [Symbol.asyncIterator]: () => ({ next: () => pending.promise }) })
  const waiting = stream.next()
  await stream.return?.()
  if (what === 'item') pending.resolve({ done: false, value: 1 })
  else pending.reject(new Error('stopped'))
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  expect(ends).toEqual(['left'])
})

test('a source is stopped after the last item that is wanted', async () => {
  const log: string[] = []
  const source = async function* () {
    try {
      yield* numbers(1, 2, 3)
      log.push('read on')
    } finally {
      log.push('stopped')
    }
  }
  const { stream, ends } = relayed(source(), { read: (item) => (item < 2 ? String(item) : LAST) })
  expect(await collect(stream)).toEqual(['1', 'last'])
  expect(log).toEqual(['stopped'])
  expect(ends).toEqual(['end'])
})
