import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultCatalogue } from '../catalogue.ts'
import {
  LlmAnswerInvalid,
  LlmModelNotFound,
  LlmNotAllowed,
  LlmThrottled,
  LlmTimeout,
  LlmUnavailable,
} from '../errors.ts'
import { ask, bedrockAgainst } from '../testing/bedrock-against-fake.ts'
import { startFakeBedrock } from '../testing/fake-bedrock.ts'
import type { FakeBedrock } from '../testing/fake-bedrock.ts'
import type { Fault } from '../testing/faults.ts'
import type { BedrockLlm, BedrockOptions } from './bedrock.ts'

let fake: FakeBedrock
let llm: BedrockLlm

beforeEach(async () => {
  fake = await startFakeBedrock()
  llm = bedrockAgainst(fake)
})

afterEach(async () => {
  llm.close()
  await fake.close()
})

/** Instead of the usual provider. */
const restart = (options: Partial<BedrockOptions>) => {
  llm.close()
  llm = bedrockAgainst(fake, options)
}

describe('a fault', () => {
  test.each<[Fault, unknown, string]>([
    ['throttle', LlmThrottled, 'Too many requests'],
    ['internal-error', LlmUnavailable, 'unexpected error'],
    ['unavailable', LlmUnavailable, 'unable to process'],
    ['model-timeout', LlmTimeout, 'timed out'],
    ['model-error', LlmUnavailable, 'error in the model'],
    ['reset', LlmUnavailable, 'amazon.nova-lite-v1:0'],
  ])('that passes (%s) is tried again; the SDK adds no attempt of its own', async (fault, expected, words) => {
    fake.fail(fault, fault, fault)
    const error = await llm.complete(ask()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(expected)
    expect((error as Error).message).toContain(words)
    expect(fake.requests).toHaveLength(3)
    expect((await llm.complete(ask())).text).toBe('This is a fake answer.')
  })

  test.each<[Fault, unknown]>([
    ['quota', LlmThrottled],
    ['access-denied', LlmNotAllowed],
    ['not-json', LlmAnswerInvalid],
  ])('that stays (%s) is an error at once', async (fault, expected) => {
    fake.fail(fault)
    const error = await llm.complete(ask()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(expected)
    expect(error).toMatchObject({ retryable: false })
    expect(fake.requests).toHaveLength(1)
  })

  test('with Retry-After is not tried again earlier', async () => {
    fake.fail('throttle-with-retry-after')
    const started = performance.now()
    await llm.complete(ask())
    expect(performance.now() - started).toBeGreaterThan(990)
    expect(fake.requests).toHaveLength(2)
  })

  test('with a Retry-After beyond our patience is the caller’s at once', async () => {
    restart({ retries: { attempts: 3, baseMs: 1, maxMs: 500 } })
    fake.fail('throttle-with-retry-after')
    await expect(llm.complete(ask())).rejects.toMatchObject({ name: 'LlmThrottled', retryAfterMs: 1_000 })
    expect(fake.requests).toHaveLength(1)
  })

  test('of silence ends at the deadline of each attempt', async () => {
    restart({ requestTimeoutMs: 100 })
    fake.fail('hang', 'hang', 'hang')
    await expect(llm.complete(ask())).rejects.toThrow('no answer within 100 ms')
    expect(fake.requests).toHaveLength(3)
  })

  test('is not retried once the caller has cancelled', async () => {
    fake.fail('hang')
    await expect(llm.complete(ask(), { signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout')
    await expect.poll(() => fake.requests[0]!.cancelled).toBe(true)
    expect(fake.requests).toHaveLength(1)
  })

  test('of the request keeps the vendor’s words', async () => {
    await expect(llm.complete(ask({ model: 'no.such-model' }))).rejects.toThrow(
      'The provided model identifier is invalid.',
    )
  })

  test('of a model that the vendor ended since the catalogue was written is typed', async () => {
    // A clock and a catalogue that still believe in the model.
    const catalogue = structuredClone(defaultCatalogue)
    const dead = catalogue.models.find((model) => model.id === 'anthropic.claude-3-haiku-20240307-v1:0')!
    Object.assign(dead, { status: 'active', endOfLife: null })
    restart({ catalogue, modelId: dead.id })
    const error = await llm.complete(ask()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(LlmModelNotFound)
    expect((error as Error).message).toContain('end of its life')
  })
})
