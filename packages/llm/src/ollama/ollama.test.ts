import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { LlmRefusedRequest } from '../errors.ts'
import type { Message, Part, TextRequest } from '../llm.ts'
import { collect } from '../testing/collect.ts'
import { startFakeOllama } from '../testing/fake-ollama.ts'
import type { FakeOllama } from '../testing/fake-ollama.ts'
import { defaultCatalogue } from '../catalogue.ts'
import { createOllamaProvider } from './ollama.ts'
import type { OllamaOptions } from './ollama.ts'

const ATTEMPT = { callId: 'call' }
let fake: FakeOllama
beforeEach(async () => void (fake = await startFakeOllama()))
afterEach(() => fake.close())

const provider = (options: Partial<OllamaOptions> = {}) => createOllamaProvider({ url: fake.url, ...options })
const user = (...content: Part[]): Message => ({ role: 'user', content })
const text = (value: string): Part => ({ type: 'text', text: value })
const ask = (more: Partial<TextRequest<unknown>> = {}): TextRequest<unknown> => ({
  feature: 'article.summary',
  messages: [user(text('What happened?'))],
  ...more,
})
const complete = (request: TextRequest<unknown>, options: Partial<OllamaOptions> = {}) => {
  const ollama = provider(options)
  return ollama.complete(request, ollama.resolve(request.model, 'text'), ATTEMPT)
}
const sent = (at = -1) => fake.requests.at(at)!.body as Record<string, unknown>

describe('an answer', () => {
  test('comes in the pieces that the model wrote, the whole one last', async () => {
    fake.answer({ thinking: 'Hm. ', text: ['Grüße, ', '🦊', '.'] })
    const ollama = provider()
    const pieces = await collect(ollama.stream(ask(), ollama.resolve(undefined, 'text'), ATTEMPT))
    expect(pieces).toEqual([
      { type: 'thinking', text: 'Hm. ' },
      { type: 'text', text: 'Grüße, ' },
      { type: 'text', text: '🦊' },
      { type: 'text', text: '.' },
      {
        type: 'reply',
        reply: {
          message: {
            role: 'assistant',
            content: [
              { type: 'thinking', text: 'Hm. ' },
              { type: 'text', text: 'Grüße, 🦊.' },
            ],
          },
          stopReason: 'end',
          // 14 characters are four tokens for the fake server.
          usage: { inputTokens: 4, outputTokens: 3, cacheReadTokens: 0, cacheWriteTokens: 0 },
          warnings: [],
        },
      },
    ])
  })

  test('is asked for as a stream even when it is wanted whole', async () => {
    const { message } = await complete(ask())
    expect(message.content).toEqual([{ type: 'text', text: 'This is a fake answer.' }])
    expect(sent()).toMatchObject({ model: 'llama3.2', stream: true })
  })

  test('has undefined usage where the server does not count', async () => {
    fake.answer({ withoutCounts: true })
    expect((await complete(ask())).usage).toBeUndefined()
  })

  test.each([
    ['stop', 'end'],
    ['length', 'context-exceeded'],
    ['unload', 'other'],
  ])('that ends with %s says %s', async (doneReason, stopReason) => {
    fake.answer({ doneReason })
    expect((await complete(ask())).stopReason).toBe(stopReason)
  })

  test('that used up its tokens says so', async () => {
    const { stopReason, message } = await complete(ask({ maxTokens: 2 }))
    expect(stopReason).toBe('max-tokens')
    expect(message.content).toEqual([{ type: 'text', text: 'This is a fake ' }])
  })

  test('costs nothing, and its model is its own or the one asked for', () => {
    const ollama = provider({ model: 'qwen3', embeddingModel: 'all-minilm' })
    expect(ollama.resolve(undefined, 'text')).toMatchObject({ provider: 'ollama', id: 'qwen3', free: true })
    expect(ollama.resolve(undefined, 'embedding').id).toBe('all-minilm')
    expect(ollama.resolve('hf.co/some/model:Q4', 'text').id).toBe('hf.co/some/model:Q4')
  })
})

describe('a request', () => {
  test('carries its parameters, 0 too', async () => {
    await complete(
      ask({ system: 'Be brief.', maxTokens: 100, temperature: 0, topP: 0.5, topK: 3, stopSequences: ['END'] }),
    )
    expect(sent()).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'What happened?' },
      ],
      options: { num_predict: 100, temperature: 0, top_p: 0.5, top_k: 3, stop: ['END'] },
    })
  })

  test('always limits the answer and names the context, and forbids to cut', async () => {
    await complete(ask(), { contextTokens: 4_000 })
    expect(sent()).toMatchObject({ options: { num_predict: 2_048, num_ctx: 4_000 }, truncate: false, shift: false })
    expect(Object.keys(sent()['options'] as object).sort()).toEqual(['num_ctx', 'num_predict'])
  })

  test("keeps to an operator's limits of the model", async () => {
    const [listed] = defaultCatalogue.models.filter((model) => model.kind === 'text')
    const own = { ...listed!, id: 'llama3.2', contextTokens: 2_000, defaultMaxTokens: 50 }
    await complete(ask(), { catalogue: { ...defaultCatalogue, models: [own] } })
    expect(sent()).toMatchObject({ options: { num_predict: 50, num_ctx: 2_000 } })
  })

  test('goes to the path and with the headers of a proxy', async () => {
    await expect(
      complete(ask(), { url: `${fake.url}/ollama/`, headers: { authorization: 'Bearer abc' } }),
    ).rejects.toThrow('/ollama/api/chat')
    expect(fake.requests[0]).toMatchObject({ path: '/ollama/api/chat', headers: { authorization: 'Bearer abc' } })
    const url = `${fake.url.replace('//', '//me:secret@')}/nowhere`
    const failure: unknown = await complete(ask(), { url }).catch((error: unknown) => error)
    expect(String(failure)).not.toContain('secret')
    expect(fake.requests.at(-1)!.headers.authorization).toBe(`Basic ${btoa('me:secret')}`)
  })

  test('binds the answer to a schema and shows it to the model', async () => {
    fake.answer({ text: '{"severity":3}' })
    await complete(ask({ system: 'Be brief.', schema: z.object({ severity: z.int() }) }))
    expect(sent()).toMatchObject({ format: { type: 'object', required: ['severity'] } })
    const [system] = sent()['messages'] as { content: string }[]
    expect(system!.content).toMatch(/^Be brief\.\n\n[^]*"severity"/)
  })

  test('has pictures as base64, and the model is asked once whether it sees', async () => {
    const picture: Part = { type: 'image', format: 'png', bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47) }
    const ollama = provider()
    const target = ollama.resolve('llava', 'text')
    await ollama.complete(ask({ messages: [user(text('Look'), picture)] }), target, ATTEMPT)
    expect(sent()).toMatchObject({ messages: [{ role: 'user', content: 'Look', images: ['iVBORw=='] }] })
    await ollama.complete(ask({ messages: [user(picture)] }), target, ATTEMPT)
    expect(fake.requests.map(({ path }) => path)).toEqual(['/api/show', '/api/chat', '/api/chat'])
    const blind = ollama.resolve('llama3.2', 'text')
    await expect(ollama.complete(ask({ messages: [user(picture)] }), blind, ATTEMPT)).rejects.toThrow(LlmRefusedRequest)
    expect(fake.requests.at(-1)!.path).toBe('/api/show')
  })

  test.each([
    ['off', 'qwen3', false],
    ['high', 'qwen3', 'high'],
    ['off', 'llama3.2', false],
  ] as const)('for thinking %s of %s says so', async (thinking, model, think) => {
    expect((await complete(ask({ thinking, model }))).warnings).toEqual([])
    expect(sent()['think']).toBe(think)
  })

  test('for thinking of a model that does not think leaves it out, with a warning', async () => {
    const { warnings } = await complete(ask({ thinking: 'low' }))
    expect(warnings).toEqual([expect.stringContaining('does not think')])
    expect(sent()).not.toHaveProperty('think')
  })

  test.each<[string, TextRequest<unknown>, RegExp]>([
    [
      'a document',
      ask({ messages: [user({ type: 'document', format: 'pdf', bytes: Uint8Array.of(1) })] }),
      /documents/,
    ],
    ['nothing but blanks', ask({ messages: [user(text(' '))], system: 'Be brief.' }), /blank/],
    [
      'a tool input that is no object',
      ask({ messages: [{ role: 'assistant', content: [{ type: 'toolUse', id: '1', name: 't', input: 'x' }] }] }),
      /must be an object/,
    ],
  ])('with %s is refused before anything is sent', async (_, request, words) => {
    const failure: unknown = await complete(request).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LlmRefusedRequest)
    expect(String(failure)).toMatch(words)
    expect(fake.requests).toEqual([])
  })

  test('is counted by its length, and says so', async () => {
    const ollama = provider()
    const counted = await ollama.countTokens(ask(), ollama.resolve(undefined, 'text'), ATTEMPT)
    expect(counted).toEqual({ tokens: 4, estimated: true })
    expect(fake.requests).toEqual([])
  })
})

describe('tools', () => {
  const find = { name: 'find', description: 'Finds articles.', input: z.object({ about: z.string() }) }
  const other = { name: 'other', description: 'Something else.', input: z.object({}) }

  test('calls come in the middle of the stream, with objects, and get ids where they have none', async () => {
    fake.answer({
      text: ['Let me ', 'see.'],
      toolCalls: [
        { id: 'call_1', name: 'find', arguments: { about: 'APT29' } },
        { name: 'find', arguments: { about: 'FIN7' } },
      ],
    })
    const ollama = provider()
    const pieces = await collect(ollama.stream(ask({ tools: [find] }), ollama.resolve(undefined, 'text'), ATTEMPT))
    expect(pieces.map((piece) => piece.type)).toEqual(['text', 'tool-call', 'tool-call', 'text', 'reply'])
    expect(pieces[1]).toEqual({
      type: 'tool-call',
      call: { id: 'call_1', name: 'find', input: { about: 'APT29' } },
    })
    expect(pieces[2]).toMatchObject({ call: { id: expect.stringMatching(/^call_.{8,}/) as string } })
    expect(pieces.at(-1)).toMatchObject({
      reply: {
        stopReason: 'tool-use',
        message: {
          content: [{ type: 'text', text: 'Let me see.' }, { type: 'toolUse', id: 'call_1' }, { type: 'toolUse' }],
        },
      },
    })
    expect(sent()).toMatchObject({
      tools: [
        {
          type: 'function',
          function: {
            name: 'find',
            description: 'Finds articles.',
            parameters: { type: 'object', required: ['about'] },
          },
        },
      ],
    })
  })

  test('a conversation with calls and results goes back as it came', async () => {
    await complete(
      ask({
        tools: [find],
        messages: [
          user(text('Who?')),
          {
            role: 'assistant',
            content: [
              { type: 'thinking', text: 'Search.' },
              { type: 'toolUse', id: 'call_1', name: 'find', input: { about: 'x' } },
            ],
          },
          user({ type: 'toolResult', toolUseId: 'call_1', text: 'no index', failed: true }, text('Go on.')),
        ],
      }),
    )
    expect(sent()['messages']).toEqual([
      { role: 'user', content: 'Who?' },
      {
        role: 'assistant',
        content: '',
        thinking: 'Search.',
        tool_calls: [{ id: 'call_1', function: { name: 'find', arguments: { about: 'x' } } }],
      },
      { role: 'tool', content: 'The tool failed: no index', tool_call_id: 'call_1', tool_name: 'find' },
      { role: 'user', content: 'Go on.' },
    ])
  })

  test('a forced call becomes a hint with a warning', async () => {
    const { warnings } = await complete(ask({ tools: [find, other], toolChoice: { tool: 'find' } }))
    expect(warnings).toEqual([expect.stringContaining('cannot force')])
    expect(sent()['tools']).toMatchObject([{ function: { name: 'find' } }])
  })

  test('beside a schema leave the model free to call them', async () => {
    await complete(ask({ tools: [find], schema: z.object({ severity: z.int() }) }))
    expect(sent()).not.toHaveProperty('format')
    expect(JSON.stringify(sent()['messages'])).toContain('severity')
  })
})

describe('a question that is too long', () => {
  const long = ask({ messages: [user(text('a'.repeat(8_000))), user(text('b'.repeat(400)))] })

  test('is refused, never cut', async () => {
    const failure: unknown = await complete(long, { contextTokens: 1_000 }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LlmRefusedRequest)
    expect(failure).toMatchObject({ retryable: false, spent: 'nothing' })
    expect(String(failure)).toContain('longer than the context length')
  })

  test('and is cut by an older server is answered with a warning', async () => {
    fake.fail('truncates')
    const { warnings, usage } = await complete(long, { contextTokens: 1_000 })
    expect(usage!.inputTokens).toBe(100)
    expect(warnings).toEqual([expect.stringContaining('100 were read')])
  })
})
