import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Piece } from '../provider.ts'
import { ask, startAgainstFake } from '../testing/bedrock-against-fake.ts'
import type { AgainstFake } from '../testing/bedrock-against-fake.ts'
import { collect } from '../testing/collect.ts'

let on: AgainstFake
beforeEach(async () => {
  on = await startAgainstFake()
})
afterEach(() => on.close())

const tools = [{ name: 'lookup', description: 'Looks a domain up.', input: z.object({ domain: z.string() }) }]
const toolUse = { toolUseId: 't1', name: 'lookup', input: { domain: 'evil.com' } }
const long = { text: Array.from({ length: 200 }, (_, i) => `${i} `), frameDelayMs: 20 }
const textOf = (pieces: Piece[]) => pieces.map((piece) => (piece.type === 'text' ? piece.text : '')).join('')

describe('a stream', () => {
  test('gives thoughts and text as they come, whole tool calls, and ends with the reply', async () => {
    on.fake.answer({ reasoning: 'Hm.', text: ['Grüße ', 'aus Köln'], toolUse })
    const pieces = await collect(on.stream(ask({ tools })))
    expect(pieces.slice(0, -1)).toEqual([
      { type: 'thinking', text: 'Hm.' },
      { type: 'text', text: 'Grüße ' },
      { type: 'text', text: 'aus Köln' },
      { type: 'tool-call', call: { id: 't1', name: 'lookup', input: { domain: 'evil.com' } } },
    ])
    expect(pieces.at(-1)).toEqual({
      type: 'reply',
      reply: {
        message: {
          role: 'assistant',
          content: [
            { type: 'thinking', text: 'Hm.', signature: 's' },
            { type: 'text', text: 'Grüße aus Köln' },
            { type: 'toolUse', id: 't1', name: 'lookup', input: { domain: 'evil.com' } },
          ],
        },
        stopReason: 'tool-use',
        usage: { inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 0, cacheWriteTokens: 0 },
        warnings: [],
      },
    })
  })

  test('gives the same message as the whole answer', async () => {
    const answer = { reasoning: 'Hm.', redacted: 'c2VjcmV0', text: ['a', 'b'], toolUse }
    on.fake.answer(answer, answer)
    const { message } = await on.complete(ask({ tools }))
    const [last] = (await collect(on.stream(ask({ tools })))).slice(-1)
    expect(last).toMatchObject({ reply: { message: JSON.parse(JSON.stringify(message)) as object } })
  })

  test('leaves out parts that stayed empty', async () => {
    on.fake.answer({ text: [''], toolUse })
    const pieces = await collect(on.stream(ask({ tools })))
    expect(pieces.map(({ type }) => type)).toEqual(['tool-call', 'reply'])
    expect(pieces.at(-1)).toMatchObject({ reply: { message: { content: [{ type: 'toolUse' }] } } })
  })

  test('is not asked of a model that refuses tools in streams: its answer comes whole, and a warning says so', async () => {
    on.fake.answer({ text: 'I look.', toolUse })
    const pieces = await collect(on.stream(ask({ model: 'meta.llama4-scout-17b-instruct-v1:0', tools })))
    expect(pieces.map(({ type }) => type)).toEqual(['text', 'tool-call', 'reply'])
    expect(pieces.at(-1)).toMatchObject({
      reply: { warnings: ['Llama 4 Scout does not stream with tools: the answer came whole.'] },
    })
    expect(on.fake.requests.map(({ operation }) => operation)).toEqual(['converse'])
    await collect(on.stream(ask({ model: 'meta.llama4-scout-17b-instruct-v1:0' })))
    expect(on.fake.requests[1]!.operation).toBe('converse-stream')
  })

  test('has no limit for the whole, only for its pauses', async () => {
    await on.close()
    on = await startAgainstFake({ idleTimeoutMs: 5_000, requestTimeoutMs: 100 })
    on.fake.answer({ text: ['a', 'b', 'c', 'd', 'e', 'f'], frameDelayMs: 100 })
    expect(textOf(await collect(on.stream(ask())))).toBe('abcdef')
  })

  test('ends upstream as soon as the caller cancels', async () => {
    const abort = new AbortController()
    on.fake.answer(long)
    const read = async () => {
      for await (const _ of on.stream(ask(), abort.signal)) abort.abort(new Error('enough'))
    }
    await expect(read()).rejects.toThrow('enough')
    await expect.poll(() => on.fake.requests[0]!.cancelled, { timeout: 5_000 }).toBe(true)
    expect(on.fake.requests).toHaveLength(1)
  })

  test('that is silent ends as soon as the caller cancels', async () => {
    on.fake.fail('stall')
    const started = performance.now()
    await expect(collect(on.stream(ask(), AbortSignal.timeout(1_000)))).rejects.toThrow('timeout')
    expect(performance.now() - started).toBeLessThan(10_000)
    await expect.poll(() => on.fake.requests[0]!.cancelled, { timeout: 5_000 }).toBe(true)
  })

  test('ends upstream when the reader leaves', async () => {
    on.fake.answer(long)
    for await (const piece of on.stream(ask())) if (piece.type === 'text') break
    await expect.poll(() => on.fake.requests[0]!.cancelled, { timeout: 5_000 }).toBe(true)
  })

  test('that was cancelled before it began sends nothing', async () => {
    await expect(collect(on.stream(ask(), AbortSignal.abort(new Error('early'))))).rejects.toThrow('early')
    await expect(on.complete(ask(), AbortSignal.abort(new Error('early')))).rejects.toThrow('early')
    expect(on.fake.requests).toHaveLength(0)
  })
})

test('a caller’s long-lived signal gathers no listeners', async () => {
  const { signal } = new AbortController()
  on.fake.fail('unavailable', 'cut-stream')
  await on.complete(ask(), signal).catch(() => undefined)
  await collect(on.stream(ask(), signal)).catch(() => undefined)
  await on.complete(ask(), signal)
  await collect(on.stream(ask(), signal))
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
