import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EmbedRequest } from '../llm.ts'
import { startFakeOllama } from '../testing/fake-ollama.ts'
import type { FakeOllama } from '../testing/fake-ollama.ts'
import { readEmbeddings } from './embed.ts'
import { createOllamaProvider } from './ollama.ts'
import type { OllamaOptions } from './ollama.ts'

let fake: FakeOllama
beforeEach(async () => void (fake = await startFakeOllama()))
afterEach(() => fake.close())

const embed = (request: Partial<EmbedRequest> = {}, options: Partial<OllamaOptions> = {}, signal?: AbortSignal) => {
  const ollama = createOllamaProvider({ url: fake.url, ...options })
  const target = ollama.resolve(request.model, 'embedding')
  return ollama.embed({ texts: ['one', 'two'], purpose: 'document', ...request }, target, { callId: 'call', signal })
}
const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error)
const sent = () => fake.requests.at(-1)!.body

// Widths as the models' cards give them.
test.each([
  ['nomic-embed-text', 768, 'ollama:nomic-embed-text:768:v1', 0],
  ['nomic-embed-text:latest', 768, 'ollama:nomic-embed-text:768:v1', 0],
  ['all-minilm', 384, 'ollama:all-minilm:384+zeros:v1', 0],
  ['mxbai-embed-large', 1024, 'ollama:mxbai-embed-large:1024-cut768:v1', 1],
])('%s gives vectors of 768 numbers and length 1', async (model, width, space, warnings) => {
  const reply = await embed({ model })
  expect(reply.space).toMatchObject({ id: space, dimensions: 768, sourceDimensions: width, provider: 'ollama' })
  expect(reply.warnings).toHaveLength(warnings)
  expect(reply.vectors).toHaveLength(2)
  for (const vector of reply.vectors) {
    expect(vector).toHaveLength(768)
    expect(Math.hypot(...vector)).toBeCloseTo(1, 6)
    expect(vector.subarray(width).every((number) => number === 0)).toBe(true)
  }
  const [second] = (await embed({ model, texts: ['two'] })).vectors
  expect(second).toEqual(reply.vectors[1])
})

test("a longer vector is cut as Ollama's own `dimensions` would", async () => {
  const { vectors } = await embed({ model: 'mxbai-embed-large', texts: ['one'] })
  const answer = await fetch(`${fake.url}/api/embed`, {
    method: 'POST',
    body: JSON.stringify({ model: 'mxbai-embed-large', input: 'one', dimensions: 768 }),
  })
  const { embeddings } = (await answer.json()) as { embeddings: [number[]] }
  vectors[0]!.forEach((number, i) => expect(number).toBeCloseTo(embeddings[0][i]!, 6))
})

test('texts get what the model was trained to find before them, and nothing is cut', async () => {
  const { usage } = await embed()
  // 20 characters each are five tokens for the fake server.
  expect(sent()).toEqual({
    model: 'nomic-embed-text',
    input: ['search_document: one', 'search_document: two'],
    truncate: false,
  })
  expect(usage).toEqual({ inputTokens: 10, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 })
  await embed({ purpose: 'query', texts: ['one'] })
  expect(sent()).toMatchObject({ input: ['search_query: one'] })
  await embed({ purpose: 'query', texts: ['one'], model: 'all-minilm' })
  expect(sent()).toMatchObject({ input: ['one'] })
})

test('a text that is too long is refused with the words of the server', async () => {
  const refused = await failure(embed({ texts: ['a'.repeat(10_000)] }))
  expect(refused).toMatchObject({ name: 'LlmRefusedRequest', spent: 'nothing' })
  expect(String(refused)).toContain('the input length exceeds the context length')
})

test('blank texts, none and too many are refused before anything is sent', async () => {
  const tooMany = Array.from({ length: 33 }, () => 'one')
  for (const texts of [['one', ' '], [], tooMany]) {
    expect(await failure(embed({ texts }))).toMatchObject({ name: 'LlmRefusedRequest' })
  }
  expect(fake.requests).toEqual([])
})

test('faults are errors of ours', async () => {
  fake.fail('busy', 'error', 'not-json', 'reset')
  expect(await failure(embed())).toMatchObject({ name: 'LlmThrottled' })
  expect(await failure(embed())).toMatchObject({ name: 'LlmUnavailable', spent: 'nothing' })
  expect(await failure(embed())).toMatchObject({ name: 'LlmAnswerInvalid' })
  expect(await failure(embed())).toMatchObject({ name: 'LlmUnavailable', spent: 'unknown' })
  expect(await failure(embed({ model: 'nobody' }))).toMatchObject({ name: 'LlmModelNotFound' })
  expect(await failure(embed({ model: 'llama3.2' }))).toMatchObject({ name: 'LlmRefusedRequest' })
  expect(fake.requests).toHaveLength(6)
})

test('a server that never answers meets the deadline, and hears that the caller left', async () => {
  fake.fail('hang', 'hang')
  expect(await failure(embed({}, { requestTimeoutMs: 100 }))).toMatchObject({ name: 'LlmTimeout' })
  const reason = new Error('the caller left')
  const abort = new AbortController()
  const work = failure(embed({}, {}, abort.signal))
  await vi.waitFor(() => expect(fake.requests).toHaveLength(2))
  abort.abort(reason)
  expect(await work).toBe(reason)
  await vi.waitFor(() => expect(fake.requests.map(({ cancelled }) => cancelled)).toEqual([true, true]))
})

const target = { provider: 'ollama', id: 'm', model: undefined, scope: 'region' as const, warnings: [], free: true }
test.each([
  ['too few', [[1, 0]]],
  ['of two widths', [[1, 0], [1, 0, 0]]], // prettier-ignore
  ['without a direction', [[1, 0], [0, 0]]], // prettier-ignore
  ['none', []],
])('vectors that are %s are an invalid answer', (_, embeddings) => {
  expect(() => readEmbeddings(JSON.stringify({ embeddings }), 2, target)).toThrow(/not 2 embeddings/)
})
