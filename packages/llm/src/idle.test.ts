import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LlmTimeout } from './errors.ts'
import { withIdleTimeout } from './idle.ts'
import { collect } from './testing/collect.ts'

const IDLE_MS = 100

function limited(source: () => AsyncIterable<number>) {
  const abort = new AbortController()
  const stream = withIdleTimeout(async () => source(), { idleTimeoutMs: IDLE_MS, name: 'model', abort })
  return { abort, stream }
}

async function* after(...pausesMs: number[]): AsyncGenerator<number> {
  for (const [i, pauseMs] of pausesMs.entries()) {
    if (pauseMs > 0) await sleep(pauseMs)
    yield i
  }
}

test('items pass, and the source is not told to stop when it ended by itself', async () => {
  const { stream, abort } = limited(() => after(0, 0, 0))
  expect(await collect(stream)).toEqual([0, 1, 2])
  expect(await stream.next()).toEqual({ done: true, value: undefined })
  expect(abort.signal.aborted).toBe(false)
})

test.each([
  ['before the first item', [3 * IDLE_MS], []],
  ['between two', [0, 3 * IDLE_MS], [0]],
])('too long a pause %s ends the stream and stops the source', async (_, pauses, expected) => {
  const { stream, abort } = limited(() => after(...pauses))
  const seen: number[] = []
  const read = async () => {
    for await (const item of stream) seen.push(item)
  }
  await expect(read()).rejects.toThrow(new LlmTimeout('model: nothing came for 100 ms.'))
  expect(seen).toEqual(expected)
  expect(abort.signal.aborted).toBe(true)
  expect(await stream.next()).toEqual({ done: true, value: undefined })
})

test('the time that the reader takes does not count, and the next pause is limited again', async () => {
  const { stream } = limited(() => after(0, 0, 3 * IDLE_MS))
  const seen: number[] = []
  const read = async () => {
    for await (const item of stream) {
      seen.push(item)
      await sleep(2 * IDLE_MS)
    }
  }
  await expect(read()).rejects.toThrow(LlmTimeout)
  expect(seen).toEqual([0, 1])
})

test('a source that fails is passed on; a reader who leaves stops it', async () => {
  const failing = limited(async function* () {
    yield 1
    throw new Error('broken')
  })
  await expect(collect(failing.stream)).rejects.toThrow('broken')
  const left = limited(() => after(0, 0))
  for await (const _ of left.stream) break
  expect(left.abort.signal.aborted).toBe(true)
})

test('a reader who leaves while he waits waits no longer', async () => {
  const { stream, abort } = limited(() => after(0, 3 * IDLE_MS))
  await stream.next()
  const waiting = stream.next()
  await stream.return?.()
  expect(await waiting).toEqual({ done: true, value: undefined })
  expect(abort.signal.aborted).toBe(true)
})
