import { expect, test } from 'vitest'
import { z } from 'zod'
import { LlmThrottled } from '../errors.ts'
import type { TextRequest } from '../llm.ts'
import { collect } from '../testing/collect.ts'
import { createScriptedLlm } from './scripted.ts'

const ask = (feature = 'chat'): TextRequest => ({
  feature,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
})

test('answers come in order and requests are kept', async () => {
  const llm = createScriptedLlm([{ text: 'one' }, { json: { n: 2 } }])
  expect((await llm.complete(ask())).text).toBe('one')
  expect((await llm.complete({ ...ask(), schema: z.object({ n: z.number() }) })).json.n).toBe(2)
  expect(llm.requests).toHaveLength(2)
  await expect(llm.complete(ask('third'))).rejects.toThrow('The script has 2 answers; call 3 (third) has none.')
})

test('an answer may depend on the request', async () => {
  const llm = createScriptedLlm((request) => ({ text: request.feature }))
  expect((await llm.complete(ask('rules.write'))).text).toBe('rules.write')
})

test('a stream gives its pieces, its tool calls and the whole', async () => {
  const call = { id: 't', name: 'lookup', input: {} }
  const llm = createScriptedLlm([{ text: ['a', 'b'], toolCalls: [call] }])
  expect(await collect(llm.stream(ask()))).toMatchObject([
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
    { type: 'tool-call', call },
    { type: 'end', answer: { text: 'ab', stopReason: 'tool-use' } },
  ])
})

test('an error is thrown, in a stream after its pieces', async () => {
  const error = new LlmThrottled('too fast')
  const llm = createScriptedLlm(() => ({ text: ['a'], error }))
  await expect(llm.complete(ask())).rejects.toBe(error)
  const seen: unknown[] = []
  const read = async () => {
    for await (const event of llm.stream(ask())) seen.push(event)
  }
  await expect(read()).rejects.toBe(error)
  expect(seen).toEqual([{ type: 'text', text: 'a' }])
})

test('a slow answer can be cancelled', async () => {
  const llm = createScriptedLlm([{ text: 'late', delayMs: 10_000 }])
  await expect(llm.complete(ask(), { signal: AbortSignal.timeout(20) })).rejects.toThrow('timeout')
})

test('embeddings have a space of their own', async () => {
  const llm = createScriptedLlm()
  const { vectors, space } = await llm.embed({ texts: ['a'], purpose: 'query' })
  expect(vectors[0]).toHaveLength(768)
  expect(space.id).toBe('scripted:v1:768')
  expect(llm.embedRequests).toEqual([{ texts: ['a'], purpose: 'query' }])
})
