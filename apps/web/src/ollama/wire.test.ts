import { connect } from 'node:net'
import { request as httpRequest } from 'node:http'
import { LlmOverBudget, LlmThrottled, LlmUnavailable } from '@dayshift/llm'
import { createApiToken } from '@dayshift/domain/accounts'
import { describe, expect, test } from 'vitest'
import { send, until, useModelWeb } from '../testing/model-web.ts'

// What the clients hide: bytes, headers, statuses. Expectations are Ollama's api/types.go, server/routes.go and their tests.
const web = useModelWeb()
const post = (path: string, body?: unknown, headers?: Record<string, string>) =>
  web().send('POST', `/ollama${path}`, body, headers)
const question = { model: 'llama3.2', messages: [{ role: 'user', content: 'Hi' }] }
const errorOf = ({ body }: { body: string }): unknown => (JSON.parse(body) as { error: unknown }).error

describe('a stream', () => {
  test('is the default, in lines of JSON and nothing else', async () => {
    web().answers({ parts: ['two\nlines ', '✓'] })
    const { status, headers, body } = await post('/api/chat', question)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'transfer-encoding': 'chunked',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(body.endsWith('}\n')).toBe(true)
    const lines = body.slice(0, -1).split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { message: { role: 'assistant', content: 'two\nlines ' }, done: false },
      { message: { content: '✓' }, done: false },
      { message: { content: '' }, done: true },
    ])
    expect((await post('/api/generate', { model: 'llama3.2', prompt: 'Hi' })).headers['content-type']).toBe(
      'application/x-ndjson',
    )
  })

  test('ends with a line that has the error, once it has begun', async () => {
    web().answers({ parts: ['Begun'], error: new LlmUnavailable('the vendor fell ill') })
    const { status, body } = await post('/api/chat', question)
    expect(status).toBe(200)
    expect(body.split('\n').slice(1)).toEqual(['{"error":"the vendor fell ill"}', ''])
  })

  test('that fails before it begins is one JSON error with its status', async () => {
    web().answers({ error: new LlmThrottled('too many', { retryAfterMs: 1500 }) })
    const { status, headers, body } = await post('/api/chat', question)
    expect([status, body]).toEqual([429, '{"error":"too many"}'])
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'retry-after': '2' })
  })

  test('tells its cost in trailers, which are announced', async () => {
    web().answers({ parts: ['Yes'], warnings: ['temperature was dropped'] })
    const { headers, trailers } = await post('/api/chat', { ...question, options: { seed: 1, temperature: 2 } })
    expect(headers['trailer']).toBe('x-llm-cost-usd, x-llm-model-id, x-llm-cache, x-llm-warnings')
    // What is known before the model is asked is a header.
    expect(headers['x-llm-warnings']).toMatch(/seed.* \| The temperature 2 was lowered to 1/)
    // 1000 tokens in at $0.035 and 500 out at $0.14 for a million.
    expect(trailers).toEqual({
      'x-llm-cost-usd': '0.000105',
      'x-llm-model-id': 'test/test-text',
      'x-llm-cache': 'miss',
      'x-llm-warnings': expect.stringMatching(/seed.* \| .*lowered to 1\. \| temperature was dropped$/),
    })
  })

  test('works for HTTP/1.0, which has neither chunks nor trailers', async () => {
    const socket = connect(Number(new URL(web().address).port), '127.0.0.1')
    const body = JSON.stringify(question)
    socket.write(
      `POST /ollama/api/chat HTTP/1.0\r\nauthorization: Bearer ${web().token}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text.split('\r\n\r\n')[1]?.split('\n')).toHaveLength(3)
  })
})

describe('a whole answer', () => {
  test('is one JSON object that tells its cost in headers', async () => {
    const { headers, body } = await post('/api/chat', { ...question, stream: false })
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-llm-cost-usd': '0.000105',
      'x-llm-model-id': 'test/test-text',
      'x-llm-cache': 'miss',
    })
    expect(headers).not.toHaveProperty('x-llm-warnings')
    expect(Object.keys(JSON.parse(body) as object)).toEqual([
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

  test('leaves out counts of 0, as Go does', async () => {
    const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }
    web().answers({ parts: ['Hi'], usage })
    const { body } = await post('/api/chat', { ...question, stream: false })
    expect(JSON.parse(body)).not.toHaveProperty('eval_count')
    expect(JSON.parse(body)).not.toHaveProperty('prompt_eval_count')
  })

  test('has warnings that can break no header', async () => {
    web().answers({ parts: ['Hi'], warnings: ['line\r\nset-cookie: x=1', 'ü'.repeat(10), 'a'.repeat(5000)] })
    const { headers } = await post('/api/chat', { ...question, stream: false })
    expect(headers).not.toHaveProperty('set-cookie')
    expect(headers['x-llm-warnings']).toMatch(/^line\?set-cookie: x=1 \| \? \| a+$/)
    expect(String(headers['x-llm-warnings']).length).toBe(2000)
  })

  test('over budget says when to come back', async () => {
    const resetsAt = new Date(Date.now() + 3_600_000)
    const budget = { name: 'all, per day', limitUsd: 1.5, usedUsd: 1.4, neededUsd: 0.2, resetsAt }
    web().answers({ error: new LlmOverBudget(budget) })
    const { status, headers } = await post('/api/generate', { model: 'llama3.2', prompt: 'Hi', stream: false })
    expect(status).toBe(429)
    expect(Number(headers['retry-after'])).toBeGreaterThan(3590)
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(3600)
  })
})

describe('bodies', () => {
  test.each([
    { 'content-type': 'application/json' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    {},
  ])('are JSON whatever type they have: %o', async (headers) => {
    const { status } = await post('/api/chat', JSON.stringify({ ...question, stream: false }), headers)
    expect(status).toBe(200)
  })

  test('may have fields that nobody knows, nulls, and U+0000', async () => {
    const body = {
      ...question,
      stream: false,
      unknown: 1,
      tools: null,
      format: null,
      options: { mirostat: 'x', seed: null },
    }
    expect((await post('/api/chat', body)).status).toBe(200)
    const nul = { model: 'llama3.2', prompt: 'a\0b', stream: false }
    expect((await post('/api/generate', nul)).status).toBe(200)
    expect(web().models.requests[1]?.messages[0]?.content).toEqual([{ type: 'text', text: 'a\0b' }])
  })

  test('may be large, for pictures, and not too large', async () => {
    const images = [Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(5_000_000)]).toString('base64')]
    const body = { model: 'llama3.2', prompt: 'What is it?', images, stream: false }
    expect((await post('/api/generate', body)).status).toBe(200)
    expect(web().models.requests[0]?.messages[0]?.content[0]).toMatchObject({ type: 'image', format: 'jpeg' })
    const { status, body: refused } = await post('/api/generate', 'x'.repeat(33 * 1_048_576))
    expect([status, errorOf({ body: refused })]).toEqual([413, expect.any(String)])
  })

  test.each([
    ['/api/chat', '', 'missing request body'],
    ['/api/show', undefined, 'missing request body'],
    ['/api/embed', '', 'missing request body'],
    ['/api/chat', '{"model":', /^invalid JSON: /],
    ['/api/chat', '[]', 'json: cannot unmarshal array into Go value of type api.ChatRequest'],
    ['/api/chat', { model: 1 }, 'json: cannot unmarshal number into Go struct field ChatRequest.model of type string'],
    [
      '/api/chat',
      { ...question, stream: 'no' },
      'json: cannot unmarshal string into Go struct field ChatRequest.stream of type bool',
    ],
    [
      '/api/chat',
      { model: 'llama3.2', messages: [{ role: 'user', content: ['Hi'] }] },
      'json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string',
    ],
    [
      '/api/generate',
      { model: 'llama3.2', prompt: {} },
      /^json: cannot unmarshal object into Go struct field GenerateRequest.prompt/,
    ],
    ['/api/chat', {}, 'model is required'],
    ['/api/embeddings', {}, 'model is required'],
    ['/api/show', {}, 'model is required'],
    ['/api/embed', { model: 'embedder', input: 1 }, 'invalid input type'],
    ['/api/embed', { model: 'embedder', input: [1] }, 'invalid input type'],
    ['/api/chat', { ...question, top_logprobs: 21 }, 'top_logprobs must be between 0 and 20'],
    ['/api/generate', { model: 'llama3.2', prompt: 'x', top_logprobs: -1 }, 'top_logprobs must be between 0 and 20'],
    [
      '/api/generate',
      { model: 'llama3.2', prompt: 'x', raw: true, system: 'y' },
      'raw mode does not support template, system, or context',
    ],
    ['/api/generate', { model: 'llama3.2', prompt: 'x', suffix: 'y' }, '"llama3.2" does not support insert'],
    ['/api/generate', { model: 'embedder', prompt: 'x' }, '"embedder" does not support generate'],
    [
      '/api/generate',
      { model: 'llama3.2', prompt: 'x', options: { num_predict: 'many' } },
      'option "num_predict" must be of type integer',
    ],
    [
      '/api/generate',
      { model: 'llama3.2', prompt: 'x', options: { temperature: 'hot' } },
      'option "temperature" must be of type float32',
    ],
    [
      '/api/generate',
      { model: 'llama3.2', prompt: 'x', options: { use_mmap: 1 } },
      'option "use_mmap" must be of type boolean',
    ],
    [
      '/api/generate',
      { model: 'llama3.2', prompt: 'x', options: { stop: 'END' } },
      'option "stop" must be of type array',
    ],
    [
      '/api/generate',
      { model: 'llama3.2', prompt: 'x', options: { stop: [1] } },
      'option "stop" must be of an array of strings',
    ],
    [
      '/api/generate',
      { model: 'llama3.2', prompt: 'x', format: 'xml' },
      'invalid format: "xml"; expected "json" or a valid JSON Schema object',
    ],
    ['/api/generate', { model: 'llama3.2', prompt: 'x', think: 'hard' }, /^invalid think value: "hard"/],
    ['/api/generate', { model: 'llama3.2', prompt: 'x', keep_alive: 'long' }, 'time: invalid duration "long"'],
    ['/api/generate', { model: 'llama3.2', prompt: 'x', images: ['%%'] }, /base64/],
    ['/api/generate', { model: 'llama3.2', prompt: 'x', images: ['AAAA'] }, /PNG, JPEG, GIF or WebP/],
    ['/api/generate', { model: 'plain', prompt: 'x', images: ['/9j/'] }, '"plain" does not support vision'],
    ['/api/chat', { model: 'llama3.2', messages: [{ role: 'robot', content: 'x' }] }, /^invalid role: "robot"/],
    ['/api/chat', { model: 'llama3.2', messages: [{ role: 'tool', content: 'x' }] }, /answers no tool call/],
    ['/api/chat', { model: 'llama3.2', messages: [{ role: 'user', content: ' ' }] }, 'no message has any content'],
  ])('to %s of %j are refused: %s', async (path, body, error) => {
    const answer = await post(path, body)
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/json; charset=utf-8'])
    expect(errorOf(answer)).toSatisfy((said: string) => (error instanceof RegExp ? error.test(said) : said === error))
    expect(web().models.requests).toEqual([])
  })

  test('without a model are of a model without a name, where Ollama says so', async () => {
    for (const path of ['/api/generate', '/api/embed']) {
      const answer = await post(path, {})
      expect([answer.status, errorOf(answer)]).toEqual([404, "model '' not found"])
    }
  })
})

describe('paths and methods', () => {
  test('the greeting, the list and the version may be asked for by GET and HEAD', async () => {
    expect(await web().send('GET', '/ollama/')).toMatchObject({ status: 200, body: 'Ollama is running' })
    for (const path of ['/ollama', '/ollama/', '/ollama/api/tags', '/ollama/api/version']) {
      expect(await web().send('GET', path)).toMatchObject({ status: 200 })
      expect(await web().send('HEAD', path)).toMatchObject({ status: 200, body: '' })
    }
    const { headers } = await web().send('GET', '/ollama/api/tags')
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
  })

  test.each([
    ['GET', '/api/chat', 405, '405 method not allowed', 'POST'],
    ['POST', '/api/tags', 405, '405 method not allowed', 'GET, HEAD'],
    ['DELETE', '/api/generate', 405, '405 method not allowed', 'POST'],
    ['POST', '/api/nothing', 404, '404 page not found', undefined],
    ['GET', '/v2', 404, '404 page not found', undefined],
  ])('%s %s is answered as by its router', async (method, path, status, body, allow) => {
    const answer = await web().send(method, `/ollama${path}`)
    expect(answer).toMatchObject({ status, body })
    expect(answer.headers['allow']).toBe(allow)
  })
})

describe('who may call', () => {
  const url = (path: string): string => `${web().address}/ollama${path}`

  test('nobody without a token, in the form of the protocol', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/api/tags'],
      ['POST', '/api/chat'],
    ] as const) {
      const { status, headers, body } = await send(method, url(path), method === 'POST' ? question : undefined)
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="dayshift"'])
      expect(JSON.parse(body)).toEqual({ error: expect.any(String) })
    }
  })

  test('a token that may only read lists models and asks none', async () => {
    const { context, account } = web().web
    const { token } = await createApiToken(context, account.id, { name: 'reader', scope: 'read' })
    const authorization = `Bearer ${token}`
    expect(await send('GET', url('/api/tags'), undefined, { authorization })).toMatchObject({ status: 200 })
    const refused = await send('POST', url('/api/chat'), question, { authorization })
    expect([refused.status, errorOf(refused)]).toEqual([403, 'This API token may only read.'])
  })

  test('a signed-in browser from our own origin only', async () => {
    const { personHeaders } = web().web
    const whole = { ...question, stream: false }
    expect(await send('POST', url('/api/chat'), whole, personHeaders)).toMatchObject({ status: 200 })
    const elsewhere = { ...personHeaders, origin: 'https://evil.example', 'content-type': 'text/plain' }
    expect(await send('POST', url('/api/chat'), whole, elsewhere)).toMatchObject({ status: 403 })
  })

  test('money is counted for the account that asks; an answer of before may serve at temperature 0 and without no-cache', async () => {
    const seen: unknown[] = []
    const { context, account } = web().web
    const { complete } = context.llm
    context.llm = {
      ...context.llm,
      complete: (request, options) => {
        seen.push([options?.accountId, options?.fresh])
        return complete(request, options)
      },
    }
    const steady = { ...question, stream: false, options: { temperature: 0 } }
    await post('/api/chat', steady)
    await post('/api/chat', steady, { 'cache-control': 'no-cache' })
    await post('/api/chat', { ...question, stream: false })
    expect(seen).toEqual([
      [account.id, false],
      [account.id, true],
      [account.id, true],
    ])
  })
})

describe('a client that leaves', () => {
  const endless = { parts: Array.from({ length: 2000 }, () => 'on and '), delayMs: 5 }
  const leaveAfter = (body: object, leave: (sent: ReturnType<typeof httpRequest>) => void): void => {
    const sent = httpRequest(`${web().address}/ollama/api/chat`, {
      method: 'POST',
      headers: web().headers,
      agent: false,
    })
    sent.on('error', () => {})
    sent.end(JSON.stringify(body))
    leave(sent)
  }

  test('stops the model in the middle of a stream', async () => {
    web().answers(endless)
    leaveAfter(question, (sent) => sent.on('response', (answer) => answer.once('data', () => sent.destroy())))
    await until(() => web().models.stopped() === 1)
    expect(web().web.server.streams.size).toBe(0)
  })

  test('stops the model that is at work on a whole answer', async () => {
    web().answers(endless)
    leaveAfter(
      { ...question, stream: false },
      (sent) => void until(() => web().models.pieces() > 3).then(() => sent.destroy()),
    )
    await until(() => web().models.stopped() === 1)
    expect(web().models.requests).toHaveLength(1)
    expect(web().models.pieces()).toBeLessThan(1000)
  })

  test('is no error of ours', () => {
    expect(web().web.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('is not missed when it had the whole answer', async () => {
    await post('/api/chat', question)
    await post('/api/chat', { ...question, stream: false })
    expect(web().models.requests).toHaveLength(2)
    expect(web().models.stopped()).toBe(0)
  })
})

test('a client that does not read holds the model back instead of filling our memory', async () => {
  const piece = 'x'.repeat(100_000)
  web().answers({ parts: Array.from({ length: 500 }, () => piece) })
  const sent = httpRequest(`${web().address}/ollama/api/chat`, { method: 'POST', headers: web().headers, agent: false })
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject)
    sent.end(JSON.stringify(question))
  })
  answer.pause()
  await until(() => web().models.pieces() > 0)
  let seen = -1
  await until(() => {
    const before = seen
    seen = web().models.pieces()
    return before === seen
  })
  // What the kernel takes for both ends is some MB of the 50.
  expect(seen).toBeLessThan(300)
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) bytes += chunk.length
  expect(bytes).toBeGreaterThan(50_000_000)
  expect(web().models.pieces()).toBe(500)
})
