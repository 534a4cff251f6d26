import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defaultCatalogue } from '../catalogue.ts'
import { LlmError } from '../errors.ts'
import type { SpentOnFailure } from '../errors.ts'
import { ask, startAgainstFake } from '../testing/bedrock-against-fake.ts'
import type { AgainstFake } from '../testing/bedrock-against-fake.ts'
import { collect } from '../testing/collect.ts'
import type { Fault } from '../testing/faults.ts'
import { createBedrockProvider } from './bedrock.ts'
import type { BedrockOptions } from './bedrock.ts'

let on: AgainstFake
beforeEach(async () => {
  on = await startAgainstFake()
})
afterEach(() => on.close())

/** Instead of the usual provider. */
const restart = async (options: Partial<BedrockOptions>) => {
  await on.close()
  on = await startAgainstFake(options)
}

async function failureOf(work: Promise<unknown>): Promise<LlmError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(LlmError)
  return error as LlmError
}

type Row = [fault: Fault, name: string, retryable: boolean, spent: SpentOnFailure, words: string]

const beforeTheAnswer: Row[] = [
  ['throttle', 'LlmThrottled', true, 'nothing', 'Too many requests'],
  ['internal-error', 'LlmUnavailable', true, 'nothing', 'unexpected error'],
  ['unavailable', 'LlmUnavailable', true, 'nothing', 'unable to process'],
  ['model-timeout', 'LlmTimeout', true, 'nothing', 'timed out'],
  ['model-error', 'LlmUnavailable', true, 'nothing', 'error in the model'],
  ['quota', 'LlmThrottled', false, 'nothing', 'service quota'],
  ['access-denied', 'LlmNotAllowed', false, 'nothing', 'do not have access'],
  ['reset', 'LlmUnavailable', true, 'unknown', 'amazon.nova-lite-v1:0'],
  ['wrong-content-type', 'LlmAnswerInvalid', false, 'unknown', 'text/html'],
]

describe('a fault before the answer is what the caller sees, after one request', () => {
  test.each<Row>([...beforeTheAnswer, ['not-json', 'LlmAnswerInvalid', false, 'unknown', 'JSON']])(
    'of a whole answer: %s',
    async (fault, name, retryable, spent, words) => {
      on.fake.fail(fault)
      expect(await failureOf(on.complete(ask()))).toMatchObject({
        name,
        retryable,
        spent,
        message: expect.stringContaining(words),
      })
      expect(on.fake.requests).toHaveLength(1)
      expect((await on.complete(ask())).stopReason).toBe('end')
    },
  )

  test.each<Row>([...beforeTheAnswer, ['not-json', 'LlmUnavailable', true, 'unknown', 'amazon.nova-lite-v1:0']])(
    'of a stream: %s',
    async (fault, name, retryable, spent, words) => {
      on.fake.fail(fault)
      expect(await failureOf(collect(on.stream(ask())))).toMatchObject({
        name,
        retryable,
        spent,
        message: expect.stringContaining(words),
      })
      expect(on.fake.requests).toHaveLength(1)
    },
  )

  test('with Retry-After, which is passed on', async () => {
    on.fake.fail('throttle-with-retry-after')
    expect(await failureOf(on.complete(ask()))).toMatchObject({ name: 'LlmThrottled', retryAfterMs: 1_000 })
  })

  test('of silence ends at the deadline', async () => {
    await restart({ requestTimeoutMs: 500, idleTimeoutMs: 500 })
    on.fake.fail('hang', 'hang')
    const whole = await failureOf(on.complete(ask()))
    expect(whole).toMatchObject({ name: 'LlmTimeout', spent: 'unknown', retryable: true })
    expect(whole.message).toContain('no answer within 500 ms')
    const stream = await failureOf(collect(on.stream(ask())))
    expect(stream).toMatchObject({ name: 'LlmTimeout', spent: 'unknown', retryable: true })
    await expect.poll(() => on.fake.requests.every(({ cancelled }) => cancelled), { timeout: 5_000 }).toBe(true)
    expect(on.fake.requests).toHaveLength(2)
  })

  test('of the caller’s own cancelling is the caller’s reason', async () => {
    on.fake.fail('hang')
    await expect(on.complete(ask(), AbortSignal.timeout(500))).rejects.toThrow('timeout')
    await expect.poll(() => on.fake.requests[0]!.cancelled, { timeout: 5_000 }).toBe(true)
  })
})

describe('a fault within a stream is an error after the text so far, and of unknown cost', () => {
  test.each<[Fault, string, boolean]>([
    ['stream-exception', 'LlmUnavailable', true],
    ['stream-error-frame', 'LlmUnavailable', true],
    ['cut-stream', 'LlmUnavailable', true],
    ['no-message-stop', 'LlmTruncatedStream', true],
    ['stall', 'LlmTimeout', true],
  ])('%s', async (fault, name, retryable) => {
    if (fault === 'stall') await restart({ idleTimeoutMs: 1_000 })
    on.fake.fail(fault)
    const seen: string[] = []
    const read = async () => {
      for await (const piece of on.stream(ask())) if (piece.type === 'text') seen.push(piece.text)
    }
    expect(await failureOf(read())).toMatchObject({ name, retryable, spent: 'unknown' })
    expect(seen[0]).toBe('This is ')
    expect(on.fake.requests).toHaveLength(1)
  })

  test.each<Fault>(['exception-before-text', 'cut-before-text'])('before any text: %s', async (fault) => {
    on.fake.fail(fault)
    expect(await failureOf(collect(on.stream(ask())))).toMatchObject({
      name: 'LlmUnavailable',
      retryable: true,
      spent: 'unknown',
    })
  })

  test('slow pieces are none, as long as each comes in time', async () => {
    on.fake.fail('slow-chunks')
    const started = performance.now()
    expect((await collect(on.stream(ask()))).at(-1)).toMatchObject({ reply: { stopReason: 'end' } })
    // Seven frames, with 50 ms after each.
    expect(performance.now() - started).toBeGreaterThan(300)
    await restart({ idleTimeoutMs: 20 })
    on.fake.fail('slow-chunks')
    expect(await failureOf(collect(on.stream(ask())))).toMatchObject({ name: 'LlmTimeout' })
  })

  test('a tool call that is no JSON is one at the end, when the usage is known', async () => {
    on.fake.fail('broken-tool-input')
    const tools = [{ name: 'lookup', description: 'Looks a domain up.', input: z.object({ domain: z.string() }) }]
    const error = await failureOf(collect(on.stream(ask({ tools }))))
    expect(error).toMatchObject({ name: 'LlmAnswerInvalid', spent: { inputTokens: 1_000, outputTokens: 200 } })
    expect(error.message).toContain('lookup is not JSON')
  })
})

describe('a connection', () => {
  test('that is refused sent nothing', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const provider = createBedrockProvider({
      region: 'us-east-1',
      modelId: 'amazon.nova-lite-v1:0',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
    const target = provider.resolve(undefined, 'text')
    const whole = await failureOf(provider.complete(ask(), target, { callId: 'c' }))
    expect(whole).toMatchObject({ name: 'LlmUnavailable', retryable: true, spent: 'nothing' })
    const stream = await failureOf(collect(provider.stream(ask(), target, { callId: 'c' })))
    expect(stream).toMatchObject({ name: 'LlmUnavailable', retryable: true, spent: 'nothing' })
    provider.close()
  })

  test('without credentials sends nothing', async () => {
    await restart({
      credentials: () => Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' })),
    })
    expect(await failureOf(on.complete(ask()))).toMatchObject({ name: 'LlmNotAllowed', spent: 'nothing' })
    expect(on.fake.requests).toHaveLength(0)
  })
})

describe('a refusal', () => {
  test('keeps the vendor’s words', async () => {
    const error = await failureOf(on.complete(ask({ model: 'no.such-model' })))
    expect(error).toMatchObject({ name: 'LlmRefusedRequest', spent: 'nothing' })
    expect(error.message).toContain('The provided model identifier is invalid.')
  })

  test('of a model that the vendor ended since the catalogue was written is typed', async () => {
    // A clock and a catalogue that still believe in the model.
    const catalogue = structuredClone(defaultCatalogue)
    const dead = catalogue.models.find((model) => model.id === 'anthropic.claude-3-haiku-20240307-v1:0')!
    Object.assign(dead, { status: 'active', endOfLife: null })
    await restart({ catalogue, modelId: dead.id })
    const error = await failureOf(on.complete(ask()))
    expect(error).toMatchObject({ name: 'LlmModelNotFound', message: expect.stringContaining('end of its life') })
  })
})
