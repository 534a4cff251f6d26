import { request } from 'node:http'
import { createApiToken } from '@dayshift/domain/accounts'
import { createLimiter, createMemoryStore } from '@dayshift/session'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createModelServer, type Web } from '../server.ts'
import { createTestModels, testListing } from '../testing/model-parts.ts'
import { send, until } from '../testing/model-web.ts'
import { startTestWeb, type TestWeb } from '../testing/web.ts'

let web: TestWeb
let token = ''
beforeEach(async () => {
  // So slow that nothing comes back during a test.
  const requestLimiter = createLimiter({
    store: createMemoryStore(),
    name: 'requests',
    limit: 1000,
    windowMs: 3_600_000,
  })
  web = await startTestWeb({ models: testListing, requestLimiter })
  token = (await createApiToken(web.context, web.account.id, { name: 'models', scope: 'write' })).token
})
afterEach(() => web.close())

describe('a port of its own', () => {
  let models: Web
  let address = ''
  beforeEach(async () => {
    web.context.llm = createTestModels({ parts: ['An answer.'] }).llm
    models = await createModelServer(web.parts, web.server.log)
    address = await models.listen({ port: 0, host: '127.0.0.1' })
  })
  afterEach(() => models.close())

  test('has the API of Ollama where Ollama has it, and that of OpenAI beside it', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const ollama = new Ollama({ host: address, headers })
    expect(await ollama.generate({ model: 'llama3.2', prompt: 'Hi' })).toMatchObject({ response: 'An answer.' })
    expect((await ollama.list()).models).toHaveLength(4)
    expect(await send('GET', `${address}/`, undefined, headers)).toMatchObject({ body: 'Ollama is running' })
    expect(await send('GET', `${address}/api/chat`, undefined, headers)).toMatchObject({ status: 405 })
    const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: token })
    expect((await openai.models.list()).data).toHaveLength(4)
  })

  test('lets nobody in without a token, and has nothing of the product', async () => {
    expect(await send('GET', `${address}/api/tags`)).toMatchObject({ status: 401 })
    const headers = { authorization: `Bearer ${token}` }
    expect(await send('GET', `${address}/api/v1/articles`, undefined, headers)).toMatchObject({ status: 404 })
  })

  test('counts towards the same limit of requests', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const left = async (url: string): Promise<number> =>
      Number((await send('GET', url, undefined, headers)).headers['ratelimit-remaining'])
    const first = await left(`${address}/api/tags`)
    expect(await left(`${address}/v1/models`)).toBe(first - 1)
    const prefixed = await web.server.listen({ port: 0, host: '127.0.0.1' })
    expect(await left(`${prefixed}/ollama/api/tags`)).toBe(first - 2)
    expect(await left(`${prefixed}/openai/v1/models`)).toBe(first - 3)
  })
})

test('without a listing there is the local model alone, which answers', async () => {
  const parts = { ...web.parts, models: undefined }
  const models = await createModelServer(parts, web.server.log)
  try {
    const ollama = new Ollama({
      host: await models.listen({ port: 0, host: '127.0.0.1' }),
      headers: { authorization: `Bearer ${token}` },
    })
    expect((await ollama.list()).models.map(({ name }) => name)).toEqual(['local:latest', 'local-hash-v1:latest'])
    const prompt = 'The actor used a loader. The loader fetched a payload from a server. It rained.'
    expect((await ollama.generate({ model: 'local', prompt })).response).not.toBe('')
    expect((await ollama.embed({ model: 'local-hash-v1', input: prompt })).embeddings[0]).toHaveLength(768)
    await expect(ollama.generate({ model: 'llama3.2', prompt })).rejects.toMatchObject({ status_code: 404 })
  } finally {
    await models.close()
  }
})

test('a server that stops ends its streams with the reason, and stops the model', async () => {
  const models = createTestModels({ parts: Array.from({ length: 1000 }, () => 'on and '), delayMs: 10 })
  web.context.llm = models.llm
  const address = await web.server.listen({ port: 0, host: '127.0.0.1' })
  let text = ''
  const ended = new Promise<void>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const sent = request(`${address}/ollama/api/chat`, { method: 'POST', headers, agent: false }, (answer) => {
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', resolve).on('error', reject)
    })
    sent.end(JSON.stringify({ model: 'llama3.2', messages: [{ role: 'user', content: 'Go' }] }))
  })
  await until(() => text.includes('on and'))
  const start = performance.now()
  await web.server.close()
  await ended
  expect(performance.now() - start).toBeLessThan(1000)
  expect(text.split('\n').slice(-2)).toEqual(['{"error":"The server is stopping. Ask again in a minute."}', ''])
  expect(models.stopped()).toBe(1)
})
