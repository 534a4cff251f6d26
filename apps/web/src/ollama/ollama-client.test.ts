import { collect } from '@dayshift/llm/testing'
import { Ollama } from 'ollama'
import { LlmNotAllowed, LlmOverBudget, LlmThrottled, LlmUnavailable } from '@dayshift/llm'
import { expect, test, describe } from 'vitest'
import { until, useModelWeb, wrongTimes } from '../testing/model-web.ts'
import { usageOf } from '../testing/model-parts.ts'

// What is expected here is what Ollama's own API documentation and types say, seen through its own client.
const web = useModelWeb()
const client = () => new Ollama({ host: `${web().address}/ollama`, headers: web().headers })
const user = (content: string) => ({ role: 'user', content })

describe('generate', () => {
  test('answers whole and in pieces', async () => {
    web().answers({ parts: ['Good ', 'day.'], usage: usageOf(3, 2) })
    const request = {
      model: 'llama3.2:latest',
      prompt: 'Greet',
      system: 'Be brief.',
      options: { temperature: 0.1, num_predict: 2048 },
    }
    const whole = await client().generate(request)
    expect(whole).toMatchObject({ model: 'llama3.2:latest', response: 'Good day.', done: true, done_reason: 'stop' })
    expect(whole).toMatchObject({ prompt_eval_count: 3, eval_count: 2 })
    expect(wrongTimes(whole)).toEqual([])
    const pieces = await collect(await client().generate({ ...request, stream: true }))
    expect(pieces.map(({ response }) => response)).toEqual(['Good ', 'day.', ''])
    expect(pieces.map(({ done }) => done)).toEqual([false, false, true])
    expect(web().models.requests[0]).toMatchObject({
      feature: 'ollama.generate',
      model: 'llama3.2',
      system: 'Be brief.',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Greet' }] }],
      temperature: 0.1,
      maxTokens: 2048,
    })
  })

  test('counts what was read from the prompt cache as part of the prompt', async () => {
    web().answers({
      parts: ['Yes'],
      usage: { inputTokens: 5, outputTokens: 1, cacheReadTokens: 20, cacheWriteTokens: 300 },
    })
    expect(await client().generate({ model: 'llama3.2', prompt: 'So?' })).toMatchObject({ prompt_eval_count: 325 })
  })

  test.each([
    [{}, 'load'],
    [{ keep_alive: '5m' }, 'load'],
    [{ keep_alive: -1 }, 'load'],
    [{ keep_alive: 0 }, 'unload'],
    [{ keep_alive: '0s' }, 'unload'],
  ])('nothing to say asks no model: %o is answered with %s', async (more, done_reason) => {
    expect(await client().generate({ model: 'llama3.2', prompt: '', ...more })).toEqual({
      model: 'llama3.2',
      created_at: expect.any(String),
      response: '',
      done: true,
      done_reason,
    })
    const [end] = await collect(await client().chat({ model: 'llama3.2', messages: [], stream: true, ...more }))
    expect(end).toMatchObject({ message: { role: 'assistant', content: '' }, done: true, done_reason })
    expect(web().models.requests).toEqual([])
  })
})

describe('embeddings', () => {
  // By the test model: 0.6 at the place of the text's length, 0.8 at place 511.
  test('are given for one text and for many, each of length 1', async () => {
    const one = await client().embed({ model: 'embedder', input: 'abc' })
    expect(one).toMatchObject({
      model: 'embedder',
      prompt_eval_count: 10,
      total_duration: expect.any(Number),
      load_duration: expect.any(Number),
    })
    expect(one.embeddings).toHaveLength(1)
    expect(one.embeddings[0]).toHaveLength(768)
    expect(one.embeddings[0]?.[3]).toBeCloseTo(0.6, 6)
    const many = await client().embed({ model: 'embedder', input: ['a', 'bb'] })
    expect(many.embeddings.map((vector) => Math.hypot(...vector))).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)])
    expect(many.embeddings.map((vector) => vector.indexOf(vector.find((value) => value > 0)!))).toEqual([1, 2])
    expect(web().models.embedRequests[1]).toMatchObject({
      feature: 'ollama.embed',
      model: 'embedder',
      texts: ['a', 'bb'],
    })
  })

  test('are shortened as Ollama does: the first so many, of length 1 again', async () => {
    const { embeddings } = await client().embed({ model: 'embedder', input: 'abc', dimensions: 4 })
    expect(embeddings).toEqual([[0, 0, 0, 1]])
    expect(
      (await client().embed({ model: 'embedder', input: 'abc', dimensions: 512 })).embeddings[0]?.[511],
    ).toBeCloseTo(0.8, 6)
  })

  test('of nothing are nothing', async () => {
    expect(await client().embed({ model: 'embedder', input: '' })).toEqual({ model: 'embedder', embeddings: [] })
    expect(await client().embed({ model: 'embedder', input: [] })).toEqual({ model: 'embedder', embeddings: [] })
    expect(await client().embeddings({ model: 'embedder', prompt: '' })).toEqual({ embedding: [] })
    expect(web().models.embedRequests).toEqual([])
  })

  test('are given by the older way, too', async () => {
    const { embedding } = await client().embeddings({ model: 'embedder', prompt: 'abcd' })
    expect(embedding).toHaveLength(768)
    expect(embedding[4]).toBeCloseTo(0.6, 6)
  })

  test('are not made by models for text', async () => {
    const refusal = { status_code: 400, error: '"llama3.2" does not support embeddings' }
    await expect(client().embed({ model: 'llama3.2', input: 'a' })).rejects.toMatchObject(refusal)
    await expect(client().chat({ model: 'embedder', messages: [user('Hi')] })).rejects.toMatchObject({
      error: '"embedder" does not support chat',
    })
  })
})

describe('what there is', () => {
  test('is listed under names with a tag', async () => {
    const { models } = await client().list()
    expect(models.map(({ name, model }) => [name, model])).toEqual([
      ['llama3.2:latest', 'llama3.2:latest'],
      ['plain:latest', 'plain:latest'],
      ['vendor.model-v1:0', 'vendor.model-v1:0'],
      ['embedder:latest', 'embedder:latest'],
    ])
    expect(models[0]).toEqual({
      name: 'llama3.2:latest',
      model: 'llama3.2:latest',
      modified_at: '2026-07-07T00:00:00.000Z',
      size: 0,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      details: {
        parent_model: '',
        format: 'bedrock',
        family: 'llama',
        families: ['llama'],
        parameter_size: '',
        quantization_level: '',
        context_length: 128000,
      },
      capabilities: ['completion', 'tools', 'vision', 'thinking'],
    })
    expect(new Set(models.map(({ digest }) => digest)).size).toBe(4)
    for (const { name } of models.slice(0, 3)) {
      expect(await client().generate({ model: name, prompt: 'Hi' })).toMatchObject({
        model: name,
        response: 'An answer.',
      })
    }
  })

  test('is shown with the lengths that clients look for', async () => {
    expect(await client().show({ model: 'llama3.2' })).toMatchObject({
      details: { family: 'llama' },
      model_info: { 'general.architecture': 'llama', 'llama.context_length': 128000 },
      capabilities: ['completion', 'tools', 'vision', 'thinking'],
      modified_at: '2026-07-07T00:00:00.000Z',
    })
    expect(await client().show({ model: 'embedder' })).toMatchObject({
      model_info: { 'llama.embedding_length': 768 },
      capabilities: ['embedding'],
    })
  })

  test('runs all the time', async () => {
    const { models } = await client().ps()
    expect(models[0]).toMatchObject({
      name: 'llama3.2:latest',
      size_vram: 0,
      context_length: 128000,
      expires_at: expect.any(String),
    })
  })

  test('has a version', async () => {
    expect(await client().version()).toEqual({ version: '0.33.0' })
  })
})

describe('errors', () => {
  const chat = (model = 'llama3.2') => client().chat({ model, messages: [user('Hi')] })

  test.each([
    ['chat', () => chat('nope')],
    ['generate', () => client().generate({ model: 'nope', prompt: 'Hi' })],
    ['embed', () => client().embed({ model: 'nope', input: 'Hi' })],
    ['show', () => client().show({ model: 'nope' })],
  ])('%s of a model that is not there', async (_what, ask) => {
    await expect(ask()).rejects.toMatchObject({
      name: 'ResponseError',
      status_code: 404,
      error: "model 'nope' not found",
    })
  })

  test('the older embeddings of a model that is not there', async () => {
    await expect(client().embeddings({ model: 'nope', prompt: 'Hi' })).rejects.toMatchObject({
      status_code: 404,
      error: 'model "nope" not found, try pulling it first',
    })
  })

  test.each([
    [new LlmThrottled('too many tokens'), 429, /too many tokens/],
    [new LlmUnavailable('the vendor is ill'), 503, /the vendor is ill/],
    [new LlmNotAllowed('arn:aws:sts::123:role may not'), 403, /^(?!.*arn:)/],
    [new TypeError('of the inside'), 500, /^(?!.*inside)/],
  ])('%s has a status of its own before the first byte, streamed or not', async (error, status_code, text) => {
    web().answers({ error })
    await expect(chat()).rejects.toMatchObject({ status_code, error: expect.stringMatching(text) })
    const streamed = client().chat({ model: 'llama3.2', messages: [user('Hi')], stream: true })
    await expect(streamed).rejects.toMatchObject({ status_code, error: expect.stringMatching(text) })
  })

  test('over budget is said plainly', async () => {
    const resetsAt = new Date(Date.now() + 3_600_000)
    web().answers({
      error: new LlmOverBudget({ name: 'all, per day', limitUsd: 1.5, usedUsd: 1.4, neededUsd: 0.2, resetsAt }),
    })
    await expect(chat()).rejects.toMatchObject({
      status_code: 429,
      error: expect.stringMatching(/"all, per day" of \$1.5 would be exceeded/),
    })
  })

  test('after the first byte the stream ends with the error', async () => {
    web().answers({ parts: ['Begun'], error: new LlmUnavailable('the vendor fell ill') })
    const stream = await client().chat({ model: 'llama3.2', messages: [user('Hi')], stream: true })
    const seen: string[] = []
    const read = (async () => {
      for await (const { message } of stream) seen.push(message.content)
    })()
    await expect(read).rejects.toThrow('the vendor fell ill')
    expect(seen).toEqual(['Begun'])
  })

  test('a wrong token is not let in', async () => {
    const stranger = new Ollama({
      host: `${web().address}/ollama`,
      headers: { authorization: 'Bearer dayshift_wrong' },
    })
    await expect(stranger.list()).rejects.toMatchObject({ status_code: 401, error: expect.any(String) })
  })

  test('models are neither pulled nor pushed, made, copied or deleted', async () => {
    const refusal = { status_code: 501, error: expect.stringMatching(/chosen by the operator/) }
    await expect(client().pull({ model: 'llama3.2' })).rejects.toMatchObject(refusal)
    await expect(client().pull({ model: 'llama3.2', stream: true })).rejects.toMatchObject(refusal)
    await expect(client().push({ model: 'llama3.2' })).rejects.toMatchObject(refusal)
    await expect(client().create({ model: 'mine', from: 'llama3.2' })).rejects.toMatchObject(refusal)
    await expect(client().copy({ source: 'llama3.2', destination: 'mine' })).rejects.toMatchObject(refusal)
    await expect(client().delete({ model: 'llama3.2' })).rejects.toMatchObject(refusal)
  })
})

test('a client that aborts stops the model', async () => {
  web().answers({ parts: Array.from({ length: 1000 }, () => 'on and '), delayMs: 10 })
  const caller = client()
  const stream = await caller.chat({ model: 'llama3.2', messages: [user('Go')], stream: true })
  const read = (async () => {
    for await (const { message } of stream) if (message.content) caller.abort()
  })()
  await expect(read).rejects.toMatchObject({ name: 'AbortError' })
  await until(() => web().models.stopped() === 1)
  expect(web().models.pieces()).toBeLessThan(100)
  expect(web().web.server.streams.size).toBe(0)
})
