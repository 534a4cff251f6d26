import { createLlm, createModelListing, defaultCatalogue } from '@dayshift/llm'
import { createBedrockProvider } from '@dayshift/llm/bedrock'
import { createLedger, setBudget } from '@dayshift/domain/spending'
import { createApiToken } from '@dayshift/domain/accounts'
import { startFakeBedrock } from '@dayshift/llm/testing'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../testing/model-web.ts'
import { startTestWeb, type TestWeb } from '../testing/web.ts'

// The whole way: a real client, the web, the gateway with its ledger, the AWS SDK, and a server that is as strict as AWS.

let fake: Awaited<ReturnType<typeof startFakeBedrock>>
let web: TestWeb
let ollama: Ollama
let openai: OpenAI
beforeAll(async () => {
  fake = await startFakeBedrock()
  const bedrock = createBedrockProvider({
    region: 'us-east-1',
    modelId: 'amazon.nova-lite-v1:0',
    endpoint: fake.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  web = await startTestWeb({ models: createModelListing([bedrock], defaultCatalogue) })
  const ledger = createLedger(web.context.db)
  web.context.llm = createLlm({ providers: [bedrock], ledger, retries: { attempts: 2, baseMs: 1, maxMs: 2 } })
  const address = await web.server.listen({ port: 0, host: '127.0.0.1' })
  const { token } = await createApiToken(web.context, web.account.id, { name: 'clients', scope: 'write' })
  ollama = new Ollama({ host: `${address}/ollama`, headers: { authorization: `Bearer ${token}` } })
  openai = new OpenAI({ baseURL: `${address}/openai/v1`, apiKey: token })
})
afterAll(async () => {
  await web.close()
  await fake.close()
})

const messages = [{ role: 'user' as const, content: 'What happened?' }]
const lastCall = () =>
  web.context.db
    .selectFrom('model_call')
    .select(['model', 'feature', 'account_id', 'state', 'result', 'cost_usd'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()

test('a name of Ollama’s is answered by a living model, whole and in pieces, and paid by who asked', async () => {
  const options = { temperature: 0.2, num_predict: 300, top_k: 40, seed: 7 }
  const whole = await ollama.chat({ model: 'llama3.2', messages, options })
  expect(whole).toMatchObject({ model: 'llama3.2', message: { content: 'This is a fake answer.' }, eval_count: 200 })
  expect(fake.requests.at(-1)).toMatchObject({
    modelId: 'us.meta.llama4-scout-17b-instruct-v1:0',
    body: { inferenceConfig: { maxTokens: 300, temperature: 0.2 } },
  })
  let text = ''
  for await (const part of await ollama.chat({ model: 'llama3.2', messages, stream: true }))
    text += part.message.content
  expect(text).toBe('This is a fake answer.')
  // 1,000 tokens in at $0.17 and 200 out at $0.66 a million.
  expect(await lastCall()).toMatchObject({
    feature: 'ollama.chat',
    account_id: web.account.id,
    state: 'settled',
    cost_usd: '0.000302000000',
  })
  const { embeddings } = await ollama.embed({ model: 'nomic-embed-text', input: ['a host', 'a mail'] })
  expect(embeddings.map((vector) => vector.length)).toEqual([768, 768])
  expect(await lastCall()).toMatchObject({ model: 'amazon.titan-embed-text-v2:0', feature: 'ollama.embed' })
})

test('OpenAI’s client gets the same, and no layer multiplies another', async () => {
  const model = 'amazon.nova-lite-v1:0'
  const { choices, usage } = await openai.chat.completions.create({ model, messages })
  expect([choices[0]?.message.content, usage?.completion_tokens]).toEqual(['This is a fake answer.', 200])
  const before = fake.requests.length
  // A third attempt of any layer would be answered.
  fake.fail('throttle', 'throttle')
  await expect(openai.chat.completions.create({ model, messages })).rejects.toMatchObject({ status: 429 })
  expect(fake.requests.length - before).toBe(2)
})

test('a client that leaves in the middle of a stream stops the call at the vendor, and its bill is left open', async () => {
  fake.answer({ text: Array.from({ length: 200 }, (_, n) => `word ${n} `), frameDelayMs: 20 })
  const stream = await ollama.chat({ model: 'amazon.nova-lite-v1:0', messages, stream: true })
  const reading = (async () => {
    for await (const _part of stream) stream.abort()
  })()
  await expect(reading).rejects.toThrow('aborted')
  await until(() => fake.requests.at(-1)?.cancelled === true)
  for (const end = Date.now() + 5_000; (await lastCall()).state === 'open' && Date.now() < end;);
  expect(await lastCall()).toMatchObject({ state: 'unsure', result: 'cancelled', cost_usd: null })
})

test('over budget nothing is sent, and the client is told which budget and until when', async () => {
  const { context, account } = web
  await setBudget(context, { what: 'account', subject: account.id, period: 'day', limitUsd: 0.0000001 })
  const before = fake.requests.length
  await expect(ollama.generate({ model: 'phi3', prompt: 'What happened?' })).rejects.toMatchObject({
    status_code: 429,
    message: expect.stringMatching(/budget.*It begins anew on/) as string,
  })
  expect(fake.requests.length).toBe(before)
})
