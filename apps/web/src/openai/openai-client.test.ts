import { createMemoryStore, createLimiter } from '@dayshift/session'
import {
  LlmAnswerInvalid,
  LlmNotAllowed,
  LlmOverBudget,
  LlmRefusedRequest,
  LlmThrottled,
  LlmTimeout,
  LlmUnavailable,
} from '@dayshift/llm'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { usageOf } from '../testing/model-parts.ts'
import { until, useModelWeb } from '../testing/model-web.ts'

// What is expected here is what OpenAI's API reference says, seen through its own client with its own retries.
const web = useModelWeb()
const client = () => new OpenAI({ baseURL: `${web().address}/openai/v1`, apiKey: web().token })
const messages = [{ role: 'user' as const, content: 'Hi' }]
const ask = (more: object = {}) =>
  client().chat.completions.create({ model: 'llama3.2', messages, ...more }) as Promise<OpenAI.ChatCompletion>
const askInPieces = async (more: object = {}): Promise<OpenAI.ChatCompletionChunk[]> => {
  const chunks: OpenAI.ChatCompletionChunk[] = []
  const stream = await client().chat.completions.create({ model: 'llama3.2', messages, ...more, stream: true })
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}
const call = { type: 'toolUse', id: 'call_1', name: 'weather', input: { place: 'Oslo' } } as const
const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'At a place',
    parameters: { type: 'object', required: ['place'], properties: { place: { type: 'string' } } },
  },
}

describe('a chat completion', () => {
  test('is given whole', async () => {
    web().answers({
      parts: ['Good day.'],
      usage: { inputTokens: 5, outputTokens: 2, cacheReadTokens: 20, cacheWriteTokens: 300 },
    })
    expect(await ask()).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: expect.closeTo(Date.now() / 1000, -2),
      model: 'llama3.2',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Good day.', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 325,
        completion_tokens: 2,
        total_tokens: 327,
        prompt_tokens_details: { cached_tokens: 20 },
      },
    })
  })

  test('is given in chunks: the role, the text, the reason of its end', async () => {
    web().answers({ parts: ['Good ', 'day.'] })
    const chunks = await askInPieces()
    expect(chunks.map(({ choices: [choice] }) => [choice?.delta, choice?.finish_reason])).toEqual([
      [{ role: 'assistant', content: '' }, null],
      [{ content: 'Good ' }, null],
      [{ content: 'day.' }, null],
      [{}, 'stop'],
    ])
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk' && !('usage' in chunk))).toBe(true)
  })

  test('tells usage at the end of a stream to who asks', async () => {
    web().answers({ parts: ['Good day.'], usage: usageOf(7, 3) })
    const chunks = await askInPieces({ stream_options: { include_usage: true } })
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    })
  })

  test.each([
    ['max-tokens', 'length'],
    ['context-exceeded', 'length'],
    ['stop-sequence', 'stop'],
    ['content-filtered', 'content_filter'],
    ['guardrail', 'content_filter'],
  ] as const)('that ended by %s says %s', async (stopReason, reason) => {
    web().answers({ parts: ['Once'], stopReason })
    expect((await ask()).choices[0]?.finish_reason).toBe(reason)
    expect((await askInPieces()).at(-1)?.choices[0]?.finish_reason).toBe(reason)
  })

  test('gives the model what was asked', async () => {
    await ask({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        { role: 'user', content: [{ type: 'text', text: 'One' }] },
        { role: 'assistant', content: 'Two' },
        { role: 'user', content: 'Three' },
      ],
      max_completion_tokens: 64,
      temperature: 0,
      top_p: 0.5,
      stop: 'END',
      reasoning_effort: 'low',
      service_tier: 'flex',
    })
    expect(web().models.requests).toEqual([
      expect.objectContaining({
        feature: 'openai.chat',
        model: 'llama3.2',
        system: 'Be brief.\n\nBe kind.',
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'One' }] },
          { role: 'assistant', content: [{ type: 'text', text: 'Two' }] },
          { role: 'user', content: [{ type: 'text', text: 'Three' }] },
        ],
        maxTokens: 64,
        temperature: 0,
        topP: 0.5,
        stopSequences: ['END'],
        thinking: 'low',
        tier: 'flex',
      }),
    ])
  })

  test('calls tools with arguments that are JSON text, whole and in deltas', async () => {
    web().answers({ parts: [call, { ...call, id: 'call_2' }] })
    const named = (id: string) => ({
      id,
      type: 'function',
      function: { name: 'weather', arguments: '{"place":"Oslo"}' },
    })
    const { choices } = await ask({ tools: [weather], tool_choice: 'required' })
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [named('call_1'), named('call_2')] },
    })
    expect(web().models.requests[0]).toMatchObject({ toolChoice: 'required', tools: [{ name: 'weather' }] })
    const deltas = (await askInPieces({ tools: [weather] })).flatMap(
      ({ choices: [choice] }) => choice?.delta.tool_calls ?? [],
    )
    expect(deltas).toEqual([
      { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 0, function: { arguments: '{"place":"Oslo"}' } },
      { index: 1, id: 'call_2', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 1, function: { arguments: '{"place":"Oslo"}' } },
    ])
  })

  test('goes on with the results of tools', async () => {
    const made = (id: string) => ({
      id,
      type: 'function',
      function: { name: 'weather', arguments: '{"place":"Oslo"}' },
    })
    const history = [
      ...messages,
      { role: 'assistant', content: null, tool_calls: [made('a'), made('b')] },
      { role: 'tool', tool_call_id: 'b', content: 'rain' },
      { role: 'tool', tool_call_id: 'a', content: 'snow' },
    ]
    await ask({ messages: history, tools: [weather], tool_choice: { type: 'function', function: { name: 'weather' } } })
    expect(web().models.requests[0]).toMatchObject({ toolChoice: { tool: 'weather' } })
    expect(web().models.requests[0]?.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: ['a', 'b'].map((id) => ({ type: 'toolUse', id, name: 'weather', input: { place: 'Oslo' } })),
      },
      {
        role: 'user',
        content: [
          { type: 'toolResult', toolUseId: 'b', text: 'rain' },
          { type: 'toolResult', toolUseId: 'a', text: 'snow' },
        ],
      },
    ])
    await ask({ tools: [weather], tool_choice: 'none' })
    expect(web().models.requests[1]?.tools).toBeUndefined()
  })

  test.each([
    { type: 'json_object' },
    { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object', required: ['n'] } } },
  ])('is JSON in the format %o', async (response_format) => {
    web().answers({ parts: ['```json\n{"n"', ':1}\n```'] })
    expect((await ask({ response_format })).choices[0]?.message.content).toBe('{"n":1}')
    const text = (await askInPieces({ response_format })).map(({ choices: [choice] }) => choice?.delta.content ?? '')
    expect(text.join('')).toBe('{"n":1}')
    web().answers({ parts: ['{"n"'], stopReason: 'max-tokens' })
    expect((await ask({ response_format })).choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { content: '{"n"' },
    })
  })

  test('sees pictures that come with the request', async () => {
    const gif = Buffer.from('R0lGODlhAQABAAAAACw=', 'base64')
    const url = `data:image/png;base64,${gif.toString('base64')}`
    await ask({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url, detail: 'low' } }] }] })
    expect(web().models.requests[0]?.messages[0]?.content).toEqual([{ type: 'image', format: 'gif', bytes: gif }])
  })

  test('shows what the model thought, where Ollama does', async () => {
    web().answers({ parts: [{ type: 'thinking', text: 'Hm.' }, 'Yes.'] })
    expect((await ask()).choices[0]?.message).toMatchObject({ content: 'Yes.', reasoning: 'Hm.' })
    expect((await askInPieces())[1]?.choices[0]?.delta).toEqual({ reasoning: 'Hm.' })
  })

  test('tells its cost and its model in headers', async () => {
    const { response } = await client()
      .chat.completions.create({ model: 'llama3.2', messages, seed: 7, temperature: 1.5 })
      .withResponse()
    expect(response.headers.get('x-llm-cost-usd')).toBe('0.000105')
    expect(response.headers.get('x-llm-model-id')).toBe('test/test-text')
    expect(response.headers.get('x-llm-warnings')).toMatch(/seed.*lowered to 1/)
    expect(web().models.requests[0]?.temperature).toBe(1)
  })
})

describe('what cannot be is refused by its field', () => {
  const image = (url: string) => ({
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  })
  test.each([
    [{ n: 2 }, 'n', /one choice/],
    [image('https://example.org/a.png'), 'messages[0].content[0].image_url.url', /nothing is fetched/],
    [image('data:image/png;base64,AAAA'), 'messages[0].content[0].image_url.url', /PNG, JPEG, GIF or WebP/],
    [{ messages: [] }, 'messages', /./],
    [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role', /./],
    [{ messages: 'Hi' }, 'messages', /array/],
    [
      { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] },
      'messages[0].content',
      /text or image_url/,
    ],
    [{ temperature: 'hot' }, 'temperature', /number/],
    [{ temperature: 3 }, 'temperature', /2/],
    [{ max_tokens: 0 }, 'max_tokens', /./],
    [{ functions: [{ name: 'f' }] }, 'functions', /use tools/],
    [{ modalities: ['text', 'audio'] }, 'modalities', /only the modality text/],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { $ref: '#/nowhere' } } } },
      'response_format.json_schema.schema',
      /./,
    ],
    [{ tools: [weather], tool_choice: { type: 'function', function: { name: 'other' } } }, 'tool_choice', /other/],
    [{ model: 'plain', tools: [weather] }, 'tools', /does not take tools/],
    [{ model: 'embedder' }, 'model', /embeddings/],
    [{ reasoning_effort: 'extreme' }, 'reasoning_effort', /minimal/],
  ])('%j', async (more, param, message) => {
    await expect(ask(more)).rejects.toMatchObject({
      status: 400,
      param,
      type: 'invalid_request_error',
      message: expect.stringMatching(message),
    })
    expect(web().models.requests).toEqual([])
  })
})

describe('errors', () => {
  test.each([
    [new LlmThrottled('slow down'), 429, 'rate_limit_error', 'rate_limit_exceeded', 2],
    [new LlmUnavailable('ill'), 503, 'server_error', 'unavailable', 2],
    [new LlmTimeout('too long'), 504, 'server_error', 'model-too-slow', 2],
    [new LlmAnswerInvalid('nonsense'), 502, 'server_error', 'model-failed', 1],
    [new LlmRefusedRequest('prompt is too long: 200001 tokens'), 400, 'invalid_request_error', 'invalid', 1],
    [new LlmNotAllowed('arn:aws:sts::1:role'), 403, 'invalid_request_error', 'not-allowed', 1],
  ])(
    '%s: the client does not ask again, the vendor was asked by us alone',
    async (error, status, type, code, asked) => {
      web().answers({ error })
      await expect(ask()).rejects.toMatchObject({ status, type, code })
      // The gateway of these tests asks twice where that may help, and nobody multiplies it.
      expect(web().models.requests).toHaveLength(asked)
      await expect(askInPieces()).rejects.toMatchObject({ status, type, code })
      expect(web().models.requests).toHaveLength(2 * asked)
    },
  )

  test('over budget is a used-up quota, with its end', async () => {
    const resetsAt = new Date(Date.now() + 60_000)
    web().answers({
      error: new LlmOverBudget({ name: 'all, per day', limitUsd: 1, usedUsd: 1, neededUsd: 0.1, resetsAt }),
    })
    const error = await ask().catch((error: unknown) => error)
    expect(error).toMatchObject({ status: 429, code: 'insufficient_quota' })
    expect(Number((error as InstanceType<typeof OpenAI.APIError>).headers?.get('retry-after'))).toBeGreaterThan(50)
    expect(web().models.requests).toHaveLength(1)
  })

  test('after the first byte the stream ends with the error', async () => {
    web().answers({ parts: ['Begun'], error: new LlmUnavailable('the vendor fell ill') })
    const seen: unknown[] = []
    const read = (async () => {
      for await (const { choices } of await client().chat.completions.create({
        model: 'llama3.2',
        messages,
        stream: true,
      })) {
        seen.push(choices[0]?.delta.content)
      }
    })()
    await expect(read).rejects.toThrow('the vendor fell ill')
    expect(seen).toEqual(['', 'Begun'])
  })

  test('a model that is not there', async () => {
    const refusal = { status: 404, code: 'model_not_found', param: 'model' }
    await expect(ask({ model: 'nope' })).rejects.toMatchObject(refusal)
    await expect(client().embeddings.create({ model: 'nope', input: 'a' })).rejects.toMatchObject(refusal)
  })

  test('a wrong key', async () => {
    const stranger = new OpenAI({ baseURL: `${web().address}/openai/v1`, apiKey: 'dayshift_wrong' })
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
  })

  test('our own limit of requests is left to the client to retry', async () => {
    const { requestLimiter } = web().web.parts
    const strict = createLimiter({ store: createMemoryStore(), name: 'requests', limit: 1, windowMs: 1000 })
    const { take } = requestLimiter
    requestLimiter.take = strict.take
    try {
      await client().models.list()
      // Comes back after the second that Retry-After names.
      expect((await client().models.list()).data).toHaveLength(4)
    } finally {
      requestLimiter.take = take
    }
  })
})

test('a client that leaves stops the model, streamed or not', async () => {
  web().answers({ parts: Array.from({ length: 1000 }, () => 'on and '), delayMs: 10 })
  for await (const chunk of await client().chat.completions.create({ model: 'llama3.2', messages, stream: true })) {
    if (chunk.choices[0]?.delta.content) break
  }
  await until(() => web().models.stopped() === 1)
  const controller = new AbortController()
  const whole = client().chat.completions.create({ model: 'llama3.2', messages }, { signal: controller.signal })
  void until(() => web().models.requests.length === 2).then(() => controller.abort())
  await expect(whole).rejects.toThrow(/abort/i)
  await until(() => web().models.stopped() === 2)
})
