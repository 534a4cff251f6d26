import { request as httpRequest } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startFakeOllama } from './fake-ollama.ts'
import type { FakeOllama } from './fake-ollama.ts'

let fake: FakeOllama
beforeEach(async () => void (fake = await startFakeOllama()))
afterEach(() => fake.close())

async function post(path: string, body: unknown) {
  const response = await fetch(fake.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, type: response.headers.get('content-type'), text }
}
const messages = [{ role: 'user', content: 'Why?' }]

// Form and order as in Ollama's `docs/api.md`, "Generate a chat message".
test('a chat is a stream unless it is asked not to be', async () => {
  const { type, text } = await post('/api/chat', { model: 'llama3.2', messages })
  expect(type).toBe('application/x-ndjson')
  expect(text.endsWith('}\n')).toBe(true)
  const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line) as { done: boolean }) // prettier-ignore
  expect(lines.map(({ done }) => done)).toEqual([false, false, false, true])
  expect(lines[0]).toEqual({
    model: 'llama3.2',
    created_at: expect.any(String) as string,
    message: { role: 'assistant', content: 'This is ' },
    done: false,
  })
  expect(Object.keys(lines.at(-1)!)).toEqual([
    'model',
    'created_at',
    'message',
    'done',
    'done_reason',
    'total_duration',
    'load_duration',
    'prompt_eval_count',
    'prompt_eval_duration',
    'eval_count',
    'eval_duration',
  ])
})

test('the same as one object', async () => {
  fake.answer({ text: ['a', 'b'], thinking: 'hm', toolCalls: [{ name: 'find', arguments: { about: 'x' } }] })
  const { type, text } = await post('/api/chat', { model: 'llama3.2:latest', messages, stream: false })
  expect(type).toBe('application/json; charset=utf-8')
  expect(JSON.parse(text)).toMatchObject({
    model: 'llama3.2:latest',
    message: { content: 'ab', thinking: 'hm', tool_calls: [{ function: { arguments: { about: 'x' } } }] },
    done: true,
    done_reason: 'stop',
    eval_count: 2,
  })
})

test.each<[string, string, unknown, number, string]>([
  ['no body', '/api/chat', '', 400, 'missing request body'],
  ['no model', '/api/chat', { model: '', messages }, 400, 'model is required'],
  ['an unknown model', '/api/chat', { model: 'x', messages }, 404, "model 'x' not found"],
  ['an unknown field', '/api/chat', { model: 'llama3.2', messages, maxTokens: 1 }, 400, 'maxTokens'],
  ['an unknown option', '/api/chat', { model: 'llama3.2', messages, options: { max: 1 } }, 400, 'max'],
  [
    'an image that is no base64',
    '/api/chat',
    { model: 'llava', messages: [{ role: 'user', content: '', images: ['data:,'] }] },
    400,
    'base64',
  ],
  [
    'a tool call whose arguments are a string',
    '/api/chat',
    {
      model: 'llama3.2',
      messages: [{ role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }],
    },
    400,
    'expected record',
  ],
  [
    'thinking without the ability',
    '/api/chat',
    { model: 'llama3.2', messages, think: true },
    400,
    '"llama3.2" does not support thinking',
  ],
  [
    'tools without the ability',
    '/api/chat',
    {
      model: 'llava',
      messages,
      tools: [{ type: 'function', function: { name: 'f', description: '', parameters: { type: 'object' } } }],
    },
    400,
    'does not support tools',
  ],
  [
    'chat with an embedding model',
    '/api/chat',
    { model: 'all-minilm', messages },
    400,
    '"all-minilm" does not support chat',
  ],
  ['embedding of a number', '/api/embed', { model: 'all-minilm', input: 1 }, 400, 'invalid input type'],
  [
    'embedding what is too long',
    '/api/embed',
    { model: 'all-minilm', input: 'a'.repeat(4_000), truncate: false },
    400,
    'the input length exceeds the context length',
  ],
  ['a path that is not there', '/api/pull', { model: 'x' }, 404, 'there is no'],
])('%s is refused', async (_, path, body, status, words) => {
  // prettier-ignore
  const answer = await post(path, body)
  expect(answer.status).toBe(status)
  expect((JSON.parse(answer.text) as { error: string }).error).toContain(words)
})

test('a question that is too long loses its beginning, unless that is refused', async () => {
  const long = [{ role: 'user', content: 'a'.repeat(8_000) }, ...messages]
  const ask = (more: object) => post('/api/chat', { model: 'llama3.2', messages: long, options: { num_ctx: 100 }, stream: false, ...more }) // prettier-ignore
  expect(JSON.parse((await ask({})).text)).toMatchObject({ done: true, prompt_eval_count: 1 })
  expect((await ask({ truncate: false })).status).toBe(400)
})

test('no messages load the model', async () => {
  const { text } = await post('/api/chat', { model: 'llama3.2', messages: [], stream: false })
  expect(JSON.parse(text)).toMatchObject({ message: { content: '' }, done: true, done_reason: 'load' })
})

test('a text keeps its vector, alone and among others, cut or not', async () => {
  const embed = async (more: object) =>
    (JSON.parse((await post('/api/embed', { model: 'mxbai-embed-large', ...more })).text) as { embeddings: number[][] })
      .embeddings
  const [one, two] = await embed({ input: ['one', 'two'] })
  expect(await embed({ input: 'two' })).toEqual([two])
  const [short] = await embed({ input: 'one', dimensions: 256 })
  expect(short).toHaveLength(256)
  expect(Math.hypot(...short!)).toBeCloseTo(1, 9)
  expect(short![1]! / short![0]!).toBeCloseTo(one![1]! / one![0]!, 9)
  expect(await embed({ input: [] })).toEqual([])
})

test('whoever hangs up is noted', async () => {
  fake.fail('hang')
  const request = httpRequest(`${fake.url}/api/chat`, { method: 'POST' })
  request.on('error', () => undefined)
  request.end(JSON.stringify({ model: 'llama3.2', messages }))
  await expect.poll(() => fake.requests.length).toBe(1)
  expect(fake.requests[0]!.cancelled).toBe(false)
  request.destroy()
  await expect.poll(() => fake.requests[0]!.cancelled).toBe(true)
})

test('lines come in odd pieces', async () => {
  const sizes: number[] = []
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest(`${fake.url}/api/chat`, { method: 'POST' }, (response) => {
      response.on('data', (chunk: Buffer) => sizes.push(chunk.length))
      response.on('end', () => resolve())
    })
    request.on('error', reject)
    request.end(JSON.stringify({ model: 'llama3.2', messages }))
  })
  expect(sizes.length).toBeGreaterThan(4)
})
