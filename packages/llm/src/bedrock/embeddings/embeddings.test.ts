import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json as readJson } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultCatalogue, findModel } from '../../catalogue.ts'
import { LlmAnswerInvalid, LlmRefusedRequest } from '../../errors.ts'
import type { EmbedRequest } from '../../llm.ts'
import type { Target } from '../../provider.ts'
import { embeddingAnswer, parseEmbedding } from '../../testing/embedding-bodies.ts'
import { Refusal } from '../../testing/request-bodies.ts'
import { embedWith, textsPerCall } from './index.ts'
import type { Send } from './index.ts'

const TITAN = 'amazon.titan-embed-text-v2:0'
const COHERE_3 = 'cohere.embed-english-v3'
const COHERE_4 = 'cohere.embed-v4:0'
const NOVA = 'amazon.nova-2-multimodal-embeddings-v1:0'

/** What arrived over the wire, in order. */
const bodies: unknown[] = []
const server = createServer((request, response) => {
  const answer = async () => {
    const id = decodeURIComponent(/^\/model\/([^/]+)\/invoke$/.exec(request.url ?? '')?.[1] ?? '')
    const body = await readJson(request)
    bodies.push(body)
    const { json, headers } = embeddingAnswer(parseEmbedding(id, body))
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
  }
  answer().catch((error: unknown) => {
    const { status, type, message } = error as Refusal
    response.writeHead(status, { 'x-amzn-errortype': type }).end(JSON.stringify({ message }))
  })
})
let client: BedrockRuntimeClient

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  })
})
afterAll(() => {
  client.destroy()
  server.close()
})

const targetOf = (id: string, prefix = ''): Target => ({
  provider: 'bedrock',
  id: prefix + id,
  model: findModel(defaultCatalogue, id),
  scope: 'region',
  warnings: [],
})

/** InvokeModel with the real SDK. */
const sendTo =
  (modelId: string): Send =>
  async (body) => {
    const command = new InvokeModelCommand({ modelId, body, contentType: 'application/json' })
    let headers: Record<string, string> = {}
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args)
        headers = (result.response as { headers: Record<string, string> }).headers
        return result
      },
      { step: 'deserialize' },
    )
    const output = await client.send(command)
    return { body: output.body.transformToString(), headers }
  }

const embed = (id: string, texts: string[], purpose: EmbedRequest['purpose'] = 'document', prefix = '') =>
  embedWith(sendTo(prefix + id), { texts, purpose }, targetOf(id, prefix))

const lengthOf = (vector: Float32Array) => Math.hypot(...vector)
const dot = (one: ArrayLike<number>, other: ArrayLike<number>) =>
  Array.from(one).reduce((sum, number, i) => sum + number * other[i]!, 0)

// Widths by the vendors' documentation; the fake server counts four characters as a token.
test.each([
  [TITAN, 1, `bedrock:${TITAN}:512+zeros:v1`, 512],
  [COHERE_3, 96, `bedrock:${COHERE_3}:1024-cut768:v1`, 1024],
  ['cohere.embed-multilingual-v3', 96, 'bedrock:cohere.embed-multilingual-v3:1024-cut768:v1', 1024],
  [COHERE_4, 96, `bedrock:${COHERE_4}:512+zeros:v1`, 512],
  [NOVA, 1, `bedrock:${NOVA}:384+zeros:v1`, 384],
])('%s gives vectors of 768 numbers and length 1, in the order of the texts', async (id, most, space, width) => {
  expect(textsPerCall(targetOf(id))).toBe(most)
  const texts = Array.from({ length: most }, (_, i) => `text ${i}`.padEnd(8))
  const reply = await embed(id, texts)
  expect(reply.space).toMatchObject({ id: space, model: id, dimensions: 768, sourceDimensions: width })
  expect(reply.vectors).toHaveLength(most)
  for (const vector of reply.vectors) {
    expect(vector).toHaveLength(768)
    expect(lengthOf(vector)).toBeCloseTo(1, 6)
    expect(vector.subarray(width).every((number) => number === 0)).toBe(true)
  }
  expect(reply.usage).toMatchObject({ inputTokens: 2 * most, outputTokens: 0 })
  const last = await embed(id, texts.slice(-1))
  expect(last.vectors[0]).toEqual(reply.vectors.at(-1))
})

test('what is asked for is what the catalogue says that a model gives and takes', async () => {
  const models = defaultCatalogue.models.filter((model) => model.kind === 'embedding')
  // The first Titan has 1536 numbers only, which do not fit.
  const served = models.filter(({ family }) => family !== 'titan-v1')
  expect(served).toHaveLength(models.length - 1)
  for (const { id, dimensions, maxTextsPerCall } of served) {
    expect(textsPerCall(targetOf(id))).toBe(maxTextsPerCall)
    expect(dimensions).toContain((await embed(id, ['a'])).space.sourceDimensions)
  }
})

test('zeros change no cosine', async () => {
  const texts = ['one', 'another']
  const { vectors } = await embed(COHERE_4, texts)
  const body = { texts, input_type: 'search_document', output_dimension: 512 }
  const { embeddings } = embeddingAnswer(parseEmbedding(COHERE_4, body)).json as { embeddings: [number[], number[]] }
  const cosine = dot(...embeddings) / Math.hypot(...embeddings[0]) / Math.hypot(...embeddings[1])
  expect(dot(vectors[0]!, vectors[1]!)).toBeCloseTo(cosine, 6)
})

test('what is cut says so in a warning', async () => {
  expect((await embed(COHERE_3, ['a'])).warnings).toEqual([expect.stringContaining('first 768')])
  expect((await embed(COHERE_4, ['a'])).warnings).toEqual([])
})

test('an inference profile stays in the same space', async () => {
  const [bare, profile] = [await embed(COHERE_4, ['a']), await embed(COHERE_4, ['a'], 'document', 'eu.')]
  expect(profile.space).toEqual(bare.space)
})

test.each([
  [COHERE_3, { input_type: 'search_query', truncate: 'NONE' }],
  [COHERE_4, { input_type: 'search_query', truncate: 'NONE' }],
  [NOVA, { singleEmbeddingParams: { embeddingPurpose: 'TEXT_RETRIEVAL', text: { truncationMode: 'NONE' } } }],
])('%s is told that a text is a question, and not to cut it', async (id, part) => {
  const document = await embed(id, ['a'])
  const query = await embed(id, ['a'], 'query')
  expect(bodies.at(-1)).toMatchObject(part)
  expect(query.vectors).not.toEqual(document.vectors)
  expect(query.space).toEqual(document.space)
})

test.each([
  [TITAN, 50_000],
  [COHERE_3, 2_048],
  [NOVA, 8_192],
])('a text longer than %s takes (%i characters) is refused before anything is sent', async (id, most) => {
  const sent = bodies.length
  await expect(embed(id, ['a'.repeat(most + 1)])).rejects.toThrow(LlmRefusedRequest)
  await expect(embed(id, [' '])).rejects.toThrow(/blank/)
  await expect(
    embed(
      id,
      Array.from({ length: textsPerCall(targetOf(id)) + 1 }, () => 'a'),
    ),
  ).rejects.toThrow(/1 to/)
  expect(bodies).toHaveLength(sent)
})

test('the vendor refuses what is too long in tokens: nothing is cut', async () => {
  await expect(embed(TITAN, ['a'.repeat(40_000)])).rejects.toThrow(/Too many input tokens/)
  await expect(embed(COHERE_4, ['a'.repeat(600_000)])).rejects.toThrow(/Too many input tokens/)
})

test.each([
  ['a text model', targetOf('amazon.nova-lite-v1:0')],
  ['a model whose vectors do not fit', targetOf('amazon.titan-embed-text-v1')],
  ['a model that the catalogue does not know', targetOf('somebody.embed')],
])('%s is refused', async (_, target) => {
  expect(() => textsPerCall(target)).toThrow(LlmRefusedRequest)
  const nothing: Send = () => Promise.reject(new Error('was sent'))
  await expect(embedWith(nothing, { texts: ['a'], purpose: 'document' }, target)).rejects.toThrow(/cannot embed/)
})

const numbers = (length: number, first = 1) => Array.from({ length }, (_, i) => (i === 0 ? first : 0))
const cohere = (...vectors: number[][]) => ({ embeddings: { float: vectors } })
test.each<[string, string, string]>([
  ['no JSON', COHERE_4, '<html>'],
  ['too few vectors', COHERE_4, JSON.stringify(cohere(numbers(512)))],
  ['a vector of another width', COHERE_4, JSON.stringify(cohere(numbers(512), numbers(1024)))],
  ['a vector without a direction', COHERE_4, JSON.stringify(cohere(numbers(512), numbers(512, 0)))],
  ['something that is no number', COHERE_4, JSON.stringify(cohere(numbers(512), numbers(512, NaN)))],
])('%s is an invalid answer that was paid for', async (_, id, body) => {
  const send: Send = () => Promise.resolve({ body, headers: { 'x-amzn-bedrock-input-token-count': '7' } })
  const failure: unknown = await embedWith(send, { texts: ['a', 'b'], purpose: 'document' }, targetOf(id)).catch(
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(LlmAnswerInvalid)
  expect(failure).toMatchObject({ retryable: false, spent: { inputTokens: 7 } })
})

test("a text that Nova cut in spite of NONE is an error with Nova's words", async () => {
  const body = JSON.stringify({ embeddings: [{ embedding: numbers(384), truncatedCharLength: 8_000 }] })
  const send: Send = () => Promise.resolve({ body, headers: {} })
  const failure: unknown = await embedWith(send, { texts: ['a'], purpose: 'document' }, targetOf(NOVA)).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ name: 'LlmAnswerInvalid', spent: 'unknown' })
  expect(String(failure)).toContain('cut the text')
})

test('usage is undefined where nobody tells it', async () => {
  const send: Send = () => Promise.resolve({ body: JSON.stringify(cohere(numbers(512))), headers: {} })
  const { usage } = await embedWith(send, { texts: ['a'], purpose: 'document' }, targetOf(COHERE_4))
  expect(usage).toBeUndefined()
})
