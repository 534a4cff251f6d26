import { collect } from '@dayshift/llm/testing'
import { Ollama } from 'ollama'
import { describe, expect, test } from 'vitest'
import { useModelWeb, wrongTimes } from '../testing/model-web.ts'

// What is expected here is what Ollama's own API documentation and types say, seen through its own client.
const web = useModelWeb()
const client = () => new Ollama({ host: `${web().address}/ollama`, headers: web().headers })
const user = (content: string) => ({ role: 'user', content })
const statistics = {
  total_duration: expect.any(Number),
  load_duration: expect.any(Number),
  prompt_eval_count: 1000,
  prompt_eval_duration: expect.any(Number),
  eval_count: 500,
  eval_duration: expect.any(Number),
}

describe('chat', () => {
  test('answers whole', async () => {
    const answer = await client().chat({ model: 'llama3.2', messages: [user('Hello')] })
    expect(answer).toEqual({
      model: 'llama3.2',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      message: { role: 'assistant', content: 'An answer.' },
      done: true,
      done_reason: 'stop',
      ...statistics,
    })
    expect(wrongTimes(answer)).toEqual([])
  })

  test('answers in pieces, the last of them empty with the statistics', async () => {
    web().answers({ parts: ['Good ', 'morning', '.'] })
    const pieces = await collect(await client().chat({ model: 'llama3.2', messages: [user('Hello')], stream: true }))
    expect(pieces.map(({ message, done }) => [message.content, done])).toEqual([
      ['Good ', false],
      ['morning', false],
      ['.', false],
      ['', true],
    ])
    expect(pieces[0]).not.toHaveProperty('total_duration')
    expect(pieces.at(-1)).toMatchObject({ done_reason: 'stop', model: 'llama3.2', ...statistics })
    expect(wrongTimes(pieces.at(-1)!)).toEqual([])
  })

  test('gives the model the conversation as it was', async () => {
    await client().chat({
      model: 'llama3.2',
      messages: [
        { role: 'system', content: 'Be brief.' },
        user('One'),
        user('Two'),
        { role: 'assistant', content: 'Three' },
        { role: 'system', content: 'Be kind.' },
        user('Four'),
      ],
      options: { temperature: 0.3, top_p: 0.5, top_k: 20, num_predict: 64, stop: ['END'] },
    })
    expect(web().models.requests).toEqual([
      expect.objectContaining({
        feature: 'ollama.chat',
        model: 'llama3.2',
        system: 'Be brief.\n\nBe kind.',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'One' },
              { type: 'text', text: 'Two' },
            ],
          },
          { role: 'assistant', content: [{ type: 'text', text: 'Three' }] },
          { role: 'user', content: [{ type: 'text', text: 'Four' }] },
        ],
        temperature: 0.3,
        topP: 0.5,
        topK: 20,
        maxTokens: 64,
        stopSequences: ['END'],
      }),
    ])
  })

  test.each([true, false])('says that an answer was cut (stream %s)', async (stream) => {
    web().answers({ parts: ['Once upon'], stopReason: 'max-tokens' })
    const request = { model: 'llama3.2', messages: [user('Tell')], options: { num_predict: 2 } }
    const end = stream
      ? (await collect(await client().chat({ ...request, stream: true }))).at(-1)
      : await client().chat(request)
    expect(end).toMatchObject({ done: true, done_reason: 'length' })
  })

  const weather = {
    type: 'function',
    function: {
      name: 'weather',
      description: 'The weather at a place',
      parameters: { type: 'object', required: ['place'], properties: { place: { type: 'string' } } },
    },
  }
  const call = { type: 'toolUse', id: 'call_1', name: 'weather', input: { place: 'Oslo', days: [1, 2] } } as const

  test('calls tools with arguments that are an object, whole and in a stream', async () => {
    web().answers({ parts: ['Let me look.', call] })
    const request = { model: 'llama3.2', messages: [user('Weather?')], tools: [weather] }
    const calls = [
      { id: 'call_1', function: { index: 0, name: 'weather', arguments: { place: 'Oslo', days: [1, 2] } } },
    ]
    const whole = await client().chat(request)
    expect(whole.message).toEqual({ role: 'assistant', content: 'Let me look.', tool_calls: calls })
    expect(whole.done_reason).toBe('stop')
    const pieces = await collect(await client().chat({ ...request, stream: true }))
    expect(pieces[1]?.message).toEqual({ role: 'assistant', content: '', tool_calls: calls })
    expect(pieces.at(-1)).toMatchObject({ done: true, message: { role: 'assistant', content: '' } })
    const [tool] = web().models.requests[0]?.tools ?? []
    expect(tool).toMatchObject({ name: 'weather', description: 'The weather at a place' })
    expect(tool?.input.safeParse({}).success).toBe(false)
    expect(tool?.input.safeParse({ place: 'Oslo' }).success).toBe(true)
  })

  test('several calls of a stream are numbered', async () => {
    web().answers({ parts: [call, { ...call, id: 'call_2' }] })
    const request = { model: 'llama3.2', messages: [user('Weather?')], tools: [weather] }
    const pieces = await collect(await client().chat({ ...request, stream: true }))
    const calls = pieces.flatMap(({ message }) => message.tool_calls ?? [])
    expect(calls.map((made) => (made.function as { index?: number }).index)).toEqual([0, 1])
  })

  test('takes the results of tools, by id as by name and order', async () => {
    const made = (place: string) => ({ function: { name: 'weather', arguments: { place } } })
    await client().chat({
      model: 'llama3.2',
      tools: [weather],
      messages: [
        user('Weather?'),
        {
          role: 'assistant',
          content: '',
          tool_calls: [made('Oslo'), made('Rome'), { id: 'x', ...made('Bern') } as never],
        },
        { role: 'tool', content: 'rain', tool_call_id: 'x' } as never,
        { role: 'tool', content: 'snow', tool_name: 'weather' },
        { role: 'tool', content: 'sun' },
      ],
    })
    const [, asked, answered] = web().models.requests[0]?.messages ?? []
    expect(asked?.content).toEqual([
      { type: 'toolUse', id: 'call_1', name: 'weather', input: { place: 'Oslo' } },
      { type: 'toolUse', id: 'call_2', name: 'weather', input: { place: 'Rome' } },
      { type: 'toolUse', id: 'x', name: 'weather', input: { place: 'Bern' } },
    ])
    expect(answered).toEqual({
      role: 'user',
      content: [
        { type: 'toolResult', toolUseId: 'x', text: 'rain' },
        { type: 'toolResult', toolUseId: 'call_1', text: 'snow' },
        { type: 'toolResult', toolUseId: 'call_2', text: 'sun' },
      ],
    })
  })

  const schema = { type: 'object', required: ['n'], properties: { n: { type: 'number' } } }
  test.each([schema, 'json'])('gives JSON in the format %o without a fence around it', async (format) => {
    web().answers({ parts: ['``', '`json\n', '{"n":', '1}', '\n``', '`\n'] })
    const request = { model: 'llama3.2', messages: [user('n?')], format }
    expect((await client().chat(request)).message.content).toBe('{"n":1}')
    const pieces = await collect(await client().chat({ ...request, stream: true }))
    expect(pieces.map(({ message }) => message.content)).toEqual(['{"n":', '1}', ''])
  })

  test('fails when the model does not keep to the format, and keeps text that has no format', async () => {
    web().answers({ parts: ['```json\n{"m":1}\n```'] })
    const request = { model: 'llama3.2', messages: [user('n?')] }
    await expect(client().chat({ ...request, format: schema })).rejects.toMatchObject({ status_code: 502 })
    expect((await client().chat(request)).message.content).toBe('```json\n{"m":1}\n```')
  })

  test.each([true, false])('gives what there is of JSON that a limit cut, and says so (stream %s)', async (stream) => {
    web().answers({ parts: ['```json\n{"n":'], stopReason: 'max-tokens' })
    const request = { model: 'llama3.2', messages: [user('n?')], format: schema }
    const answers = stream
      ? await collect(await client().chat({ ...request, stream: true }))
      : [await client().chat(request)]
    expect(answers.map(({ message }) => message.content).join('')).toBe('{"n":')
    expect(answers.at(-1)).toMatchObject({ done: true, done_reason: 'length' })
  })

  test('shows what the model thought', async () => {
    web().answers({ parts: [{ type: 'thinking', text: 'Hm.' }, 'Yes.'] })
    const request = { model: 'llama3.2', messages: [user('So?')], think: 'high' as const }
    expect((await client().chat(request)).message).toEqual({ role: 'assistant', content: 'Yes.', thinking: 'Hm.' })
    const pieces = await collect(await client().chat({ ...request, stream: true }))
    expect(pieces[0]?.message).toEqual({ role: 'assistant', content: '', thinking: 'Hm.' })
    expect(web().models.requests[0]?.thinking).toBe('high')
  })

  test.each([
    [true, 'medium'],
    [false, 'off'],
    ['low', 'low'],
    ['max', 'high'],
    [undefined, undefined],
  ])('thinks as told: %s', async (think, thinking) => {
    await client().chat({
      model: 'llama3.2',
      messages: [user('So?')],
      ...(think !== undefined && { think: think as true }),
    })
    expect(web().models.requests[0]?.thinking).toBe(thinking)
  })

  test('sees pictures', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    await client().chat({ model: 'llama3.2', messages: [{ role: 'user', content: 'What is it?', images: [png] }] })
    expect(web().models.requests[0]?.messages[0]?.content).toEqual([
      { type: 'image', format: 'png', bytes: png },
      { type: 'text', text: 'What is it?' },
    ])
  })

  test.each([
    [{ think: true }, '"plain" does not support thinking'],
    [{ tools: [weather] }, '"plain" does not support tools'],
  ])('refuses what the model cannot: %o', async (more, error) => {
    await expect(client().chat({ model: 'plain', messages: [user('So?')], ...more })).rejects.toMatchObject({
      status_code: 400,
      error,
    })
  })
})
