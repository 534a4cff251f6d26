import { expect, test } from 'vitest'
import { z } from 'zod'
import { LlmAnswerInvalid, LlmRefusedRequest } from '../errors.ts'
import type { TextRequest } from '../llm.ts'
import { collect } from '../testing/collect.ts'
import { createLocalLlm } from './local.ts'

const llm = createLocalLlm()
const TEXT = `Ashfall wipes disks
The wiper named Ashfall destroyed disks of two power companies in March.
The wiper overwrites the first sectors of every disk with random bytes.
The attackers used a stolen account to push the wiper to every machine.`
const ask = (text = TEXT): TextRequest => ({
  feature: 'article.summary',
  system: 'Summarise.',
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
})

test('a summary quotes the text, costs nothing and says that it is local', async () => {
  const answer = await llm.complete(ask())
  for (const sentence of answer.text.split('\n')) expect(TEXT).toContain(sentence)
  expect(answer).toMatchObject({ costUsd: 0, provider: 'local', stopReason: 'end', toolCalls: [], warnings: [] })
})

test('a stream gives the same text and ends with the answer', async () => {
  const events = await collect(llm.stream(ask()))
  const answer = await llm.complete(ask())
  expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('')).toBe(answer.text)
  expect(events.at(-1)).toEqual({ type: 'end', answer })
})

test('a schema is filled with the summary and the first sentence', async () => {
  const schema = z.object({ title: z.string(), summary: z.string(), rating: z.number().optional() })
  const { json, text } = await llm.complete({ ...ask(), schema })
  expect(json.title).toBe('Ashfall wipes disks')
  expect(json.summary).toContain('Ashfall')
  expect(json).not.toHaveProperty('rating')
  expect(JSON.parse(text)).toEqual(json)
})

test('a required field that would have to be made up is an error that names it', async () => {
  const schema = z.object({ summary: z.string(), actor: z.string() })
  await expect(llm.complete({ ...ask(), schema })).rejects.toThrow('"actor"')
  await expect(llm.complete({ ...ask(), schema: z.array(z.string()) })).rejects.toThrow(LlmAnswerInvalid)
  await expect(llm.complete({ ...ask(), schema: z.object({ summary: z.string().max(3) }) })).rejects.toThrow('summary')
})

test('no text to read is refused', async () => {
  await expect(llm.complete({ ...ask(' ') })).rejects.toThrow(LlmRefusedRequest)
  await expect(llm.complete({ ...ask(), messages: [] })).rejects.toThrow(LlmRefusedRequest)
})

test('embeddings are one for each text, in the space of their recipe', async () => {
  const { vectors, space, costUsd } = await llm.embed({ texts: ['one wiper', 'two wipers'], purpose: 'document' })
  expect(vectors.map((vector) => vector.length)).toEqual([768, 768])
  expect(space).toMatchObject({ id: 'local:hash-v1:768', provider: 'local', dimensions: 768 })
  expect(costUsd).toBe(0)
  await expect(llm.embed({ texts: ['one', ''], purpose: 'query' })).rejects.toThrow('texts[1] is blank')
})

test('another model’s name is not silently answered', async () => {
  const answer = await llm.complete({
    ...ask(),
    model: 'llama3.2',
    tools: [{ name: 't', description: 'd', input: z.object() }],
  })
  expect(answer.warnings).toHaveLength(2)
  expect(answer.warnings[0]).toContain('llama3.2')
})

test('a cancelled call does nothing', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(llm.complete(ask(), { signal })).rejects.toThrow('enough')
  await expect(collect(llm.stream(ask(), { signal }))).rejects.toThrow('enough')
  await expect(llm.embed({ texts: ['a'], purpose: 'query' }, { signal })).rejects.toThrow('enough')
})
