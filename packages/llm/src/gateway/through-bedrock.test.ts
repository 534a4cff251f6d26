import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LlmError } from '../errors.ts'
import type { StreamEvent } from '../llm.ts'
import { ask, bedrockAgainst } from '../testing/bedrock-against-fake.ts'
import { startFakeBedrock } from '../testing/fake-bedrock.ts'
import type { FakeBedrock } from '../testing/fake-bedrock.ts'
import type { Fault } from '../testing/faults.ts'
import { createLlm } from './create-llm.ts'
import type { GatedLlm } from './create-llm.ts'
import { books } from './testing/ledger.ts'
import type { Books } from './testing/ledger.ts'

// With the real AWS SDK: what the caller sees at last, and how often the vendor was asked by all layers together.

const ATTEMPTS = 3
let fake: FakeBedrock
let llm: GatedLlm
let ledger: Books
beforeEach(async () => {
  fake = await startFakeBedrock()
  ledger = books()
  llm = createLlm({
    providers: [bedrockAgainst(fake, { idleTimeoutMs: 80, requestTimeoutMs: 80 })],
    ledger,
    retries: { attempts: ATTEMPTS, baseMs: 1, maxMs: 2 },
  })
})
afterEach(async () => {
  await llm.close()
  await fake.close()
})

const forGood = (fault: Fault): void => fake.fail(...Array.from({ length: ATTEMPTS + 5 }, () => fault))

async function read(events: AsyncIterable<StreamEvent>): Promise<{ text: string; error: unknown }> {
  let text = ''
  try {
    for await (const event of events) if (event.type === 'text') text += event.text
    return { text, error: undefined }
  } catch (error) {
    return { text, error }
  }
}

type Row = [fault: Fault, name: string, requests: number]
const both: Row[] = [
  ['throttle', 'LlmThrottled', ATTEMPTS],
  ['internal-error', 'LlmUnavailable', ATTEMPTS],
  ['unavailable', 'LlmUnavailable', ATTEMPTS],
  ['model-timeout', 'LlmTimeout', ATTEMPTS],
  ['model-error', 'LlmUnavailable', ATTEMPTS],
  ['reset', 'LlmUnavailable', ATTEMPTS],
  ['hang', 'LlmTimeout', ATTEMPTS],
  ['quota', 'LlmThrottled', 1],
  ['access-denied', 'LlmNotAllowed', 1],
  ['wrong-content-type', 'LlmAnswerInvalid', 1],
]

describe('a fault that stays', () => {
  test.each<Row>([...both, ['not-json', 'LlmAnswerInvalid', 1]])(
    'of whole answers: %s is %s',
    async (fault, name, requests) => {
      forGood(fault)
      await expect(llm.complete(ask())).rejects.toMatchObject({ name })
      expect(fake.requests).toHaveLength(requests)
      expect(ledger.entries).toHaveLength(requests)
    },
  )

  test.each<Row>([
    ...both,
    ['not-json', 'LlmUnavailable', ATTEMPTS],
    ['exception-before-text', 'LlmUnavailable', ATTEMPTS],
    ['cut-before-text', 'LlmUnavailable', ATTEMPTS],
  ])('of streams, before the first piece: %s is %s', async (fault, name, requests) => {
    forGood(fault)
    const { text, error } = await read(llm.stream(ask()))
    expect(text).toBe('')
    expect(error).toMatchObject({ name })
    expect(fake.requests).toHaveLength(requests)
    expect(ledger.entries).toHaveLength(requests)
  })

  test.each<[Fault, string]>([
    ['stream-exception', 'LlmUnavailable'],
    ['stream-error-frame', 'LlmUnavailable'],
    ['cut-stream', 'LlmUnavailable'],
    ['no-message-stop', 'LlmTruncatedStream'],
    ['stall', 'LlmTimeout'],
  ])('of streams, after the first piece: %s is %s, and nothing is asked again', async (fault, name) => {
    forGood(fault)
    const { text, error } = await read(llm.stream(ask()))
    expect(text).toBe('This is a fake ')
    expect(error).toMatchObject({ name })
    expect(fake.requests).toHaveLength(1)
    expect(ledger.entries).toMatchObject([{ outcome: { usage: 'unknown', result: name } }])
  })

  test.each<Fault>(['throttle', 'internal-error', 'unavailable', 'reset'])('of embeddings: %s', async (fault) => {
    forGood(fault)
    await expect(llm.embed({ texts: ['a'], purpose: 'query' })).rejects.toThrow(LlmError)
    expect(fake.requests).toHaveLength(ATTEMPTS)
    expect(ledger.entries).toHaveLength(1)
  })
})

describe('a fault that passes is not seen by the caller', () => {
  test.each<Fault>(['throttle', 'internal-error', 'unavailable', 'model-timeout', 'model-error', 'reset', 'hang'])(
    '%s',
    async (fault) => {
      fake.fail(fault, fault)
      expect((await llm.complete(ask())).text).toBe('This is a fake answer.')
      expect(fake.requests).toHaveLength(3)
      fake.fail(fault, fault)
      expect((await read(llm.stream(ask()))).text).toBe('This is a fake answer.')
      expect(fake.requests).toHaveLength(6)
    },
  )

  test('slow chunks are no fault while they come in time', async () => {
    fake.fail('slow-chunks')
    expect(await read(llm.stream(ask()))).toEqual({ text: 'This is a fake answer.', error: undefined })
    expect(fake.requests).toHaveLength(1)
  })

  test('Retry-After is waited for, and given up on at once where it is too long', async () => {
    const patient = createLlm({ providers: [bedrockAgainst(fake)], retries: { attempts: 2, baseMs: 1, maxMs: 2_000 } })
    fake.fail('throttle-with-retry-after')
    const start = performance.now()
    await patient.complete(ask())
    expect(performance.now() - start).toBeGreaterThanOrEqual(1_000)
    fake.fail('throttle-with-retry-after')
    await expect(llm.complete(ask())).rejects.toMatchObject({ name: 'LlmThrottled', retryAfterMs: 1_000 })
    expect(fake.requests).toHaveLength(3)
  })
})

test('the vendor’s log names each attempt as the ledger does', async () => {
  fake.fail('throttle')
  await llm.complete(ask())
  await read(llm.stream(ask()))
  await llm.embed({ feature: 'f', texts: ['a', 'b'], purpose: 'query' })
  const [throttled, ...done] = ledger.entries.map((entry) => entry.id)
  const logged = fake.invocationLog.map(({ requestMetadata }) => requestMetadata?.['dayshift-call'])
  expect(new Set(logged)).toEqual(new Set(done))
  expect(logged).toHaveLength(4)
  expect(logged).not.toContain(throttled)
})
