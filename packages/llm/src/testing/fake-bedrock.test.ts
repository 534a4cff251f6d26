import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask, bedrockAgainst, startAgainstFake } from './bedrock-against-fake.ts'
import type { AgainstFake } from './bedrock-against-fake.ts'
import { collect } from './collect.ts'
import { startFakeBedrock } from './fake-bedrock.ts'
import type { FakeBedrockOptions } from './fake-bedrock.ts'
import { drawFaults } from './faults.ts'
import type { Fault } from './faults.ts'
import { tokenBucket } from './token-bucket.ts'

const NOVA = 'amazon.nova-lite-v1:0'
/** $0.06, $0.24 and $0.015 for a million tokens. */
const PRICES = { [NOVA]: { input: 60_000, output: 240_000, cacheRead: 15_000 } }

let on: AgainstFake
beforeEach(async () => {
  on = await startAgainstFake()
})
afterEach(() => on.close())

const restart = async (options: FakeBedrockOptions) => {
  await on.close()
  on = await startAgainstFake({}, options)
}

const readAll = (signal?: AbortSignal) => collect(on.stream(ask(), signal))

describe('the bill', () => {
  test('is the sum of what was worked on, to a fraction of a cent', async () => {
    on.fake.answer(
      { usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 } },
      { usage: { inputTokens: 1_000, outputTokens: 200, totalTokens: 1_600, cacheReadInputTokens: 400 } },
    )
    await on.complete(ask())
    await on.complete(ask())
    // 1,001 x $0.06 + 201 x $0.24 + 400 x $0.015, each for a million.
    expect(on.fake.billUsd(PRICES)).toBe(0.0001143)
  })

  test('wants a price for everything', async () => {
    await on.complete(ask())
    expect(() => on.fake.billUsd({})).toThrow(NOVA)
    expect(() => on.fake.billUsd({ [NOVA]: { input: 1, output: 1 } })).not.toThrow()
  })

  test.each<[Fault, [input: number, output: number] | undefined]>([
    ['throttle', undefined],
    ['throttle-with-retry-after', undefined],
    ['internal-error', undefined],
    ['unavailable', undefined],
    ['model-timeout', undefined],
    ['model-error', undefined],
    ['quota', undefined],
    ['access-denied', undefined],
    ['hang', [1_000, 0]],
    ['reset', [1_000, 200]],
    ['not-json', [1_000, 200]],
    ['wrong-content-type', [1_000, 200]],
    // Seven frames; the second of the three that went out is the last that counts: 200 x 2 / 6.
    ['stream-exception', [1_000, 66]],
    ['stream-error-frame', [1_000, 66]],
    ['cut-stream', [1_000, 66]],
    ['no-message-stop', [1_000, 66]],
    ['stall', [1_000, 66]],
    ['exception-before-text', [1_000, 0]],
    ['cut-before-text', [1_000, 0]],
    ['slow-chunks', [1_000, 200]],
    ['broken-tool-input', [1_000, 200]],
  ])('of a stream with the fault %s has %j', async (fault, tokens) => {
    on.fake.fail(fault)
    const silent = fault === 'hang' || fault === 'stall'
    await readAll(silent ? AbortSignal.timeout(1_000) : undefined).catch(() => undefined)
    const entries = () =>
      on.fake.invocationLog.map(({ input, output }) => [input.inputTokenCount, output.outputTokenCount])
    await expect.poll(entries, { timeout: 5_000 }).toEqual(tokens ? [tokens] : [])
    expect(on.fake.invocationLog[0]?.requestMetadata?.['dayshift-call']).toBe(tokens ? 'call-1' : undefined)
  })

  test('of a refused request has nothing', async () => {
    await expect(on.complete(ask({ model: 'no.such-model' }))).rejects.toThrow('invalid')
    expect(on.fake.invocationLog).toEqual([])
  })

  test('of a reader who left has what was said until then', async () => {
    on.fake.answer({ text: Array.from({ length: 100 }, (_, i) => `${i} `), frameDelayMs: 10 })
    for await (const piece of on.stream(ask())) if (piece.type === 'text') break
    await expect.poll(() => on.fake.invocationLog, { timeout: 5_000 }).toHaveLength(1)
    const { outputTokenCount } = on.fake.invocationLog[0]!.output
    expect(outputTokenCount).toBeGreaterThanOrEqual(1)
    expect(outputTokenCount).toBeLessThan(100)
  })

  test('may grow with the length of what is asked and said', async () => {
    await restart({ defaultAnswer: { text: ['1234', '5678'], usage: 'by-length' } })
    const short = (await on.complete(ask())).usage!
    const long = await on.complete(ask({ system: 'x'.repeat(4_000) }))
    expect(short.outputTokens).toBe(2)
    // The system text is 4,000 characters in 22 of JSON: {"system":[{"text":"…"}]} without the outer braces, and a comma.
    expect(long.usage!.inputTokens - short.inputTokens).toBeGreaterThanOrEqual(1_005)
    expect((await readAll()).at(-1)).toMatchObject({ reply: { usage: short } })
  })
})

describe('random faults', () => {
  const faults: Fault[] = ['throttle', 'cut-stream']
  const draws = (seed: number, streams = true) => {
    const draw = drawFaults({ share: 0.2, seed, faults })
    return Array.from({ length: 5_000 }, () => draw(streams))
  }

  test('strike the share that was asked for, the same with the same seed', () => {
    const struck = draws(7).filter(Boolean)
    // Four standard deviations around 1,000 of 5,000.
    expect(Math.abs(struck.length - 1_000)).toBeLessThan(114)
    expect(new Set(struck)).toEqual(new Set(faults))
    expect(draws(7)).toEqual(draws(7))
    expect(draws(8)).not.toEqual(draws(7))
    expect(draws(7, false)).not.toContain('cut-stream')
  })

  test('end when they are told to', async () => {
    on.fake.failRandomly({ share: 1, seed: 1, faults: ['throttle'] })
    await expect(on.complete(ask())).rejects.toThrow('Too many requests')
    on.fake.failRandomly(undefined)
    await on.complete(ask())
  })
})

describe('the quota', () => {
  test('takes input and maxTokens at once and gives back what was not used', async () => {
    await restart({ tokensPerMinute: 3_000 })
    // 1,000 and 2,048 are more than there are.
    await expect(on.complete(ask())).rejects.toMatchObject({ name: 'LlmThrottled' })
    await on.complete(ask({ maxTokens: 1_900 }))
    // 1,200 of them were used.
    await on.complete(ask({ maxTokens: 700 }))
    await expect(on.complete(ask({ maxTokens: 700 }))).rejects.toMatchObject({ name: 'LlmThrottled' })
  })

  test('fills up within a minute and no further', () => {
    let now = 0
    const bucket = tokenBucket(60, () => now)
    expect([bucket.take(60), bucket.take(1)]).toEqual([true, false])
    now = 10_000
    expect([bucket.take(11), bucket.take(10)]).toEqual([false, true])
    now = 500_000
    bucket.giveBack(1_000)
    expect([bucket.take(60), bucket.take(1)]).toEqual([true, false])
  })
})

describe('another process', () => {
  const call = async (method: string, path: string, json?: unknown): Promise<string> => {
    const sent = request(new URL(path, on.fake.url), { method })
    sent.end(json === undefined ? undefined : JSON.stringify(json))
    return text(await new Promise<AsyncIterable<Uint8Array>>((resolve) => sent.on('response', resolve)))
  }

  test('gives orders and reads the log over HTTP', async () => {
    const random = { share: 1, seed: 1, faults: ['throttle'] }
    await call('POST', '/_fake/orders', { answers: [{ text: 'ordered' }], faults: ['unavailable'], random })
    await expect(on.complete(ask())).rejects.toMatchObject({ name: 'LlmUnavailable' })
    await expect(on.complete(ask())).rejects.toMatchObject({ name: 'LlmThrottled' })
    await call('POST', '/_fake/orders', { random: null })
    expect((await on.complete(ask())).message.content).toEqual([{ type: 'text', text: 'ordered' }])
    expect(JSON.parse(await call('GET', '/_fake/requests'))).toEqual({ requests: 3 })
    const lines = (await call('GET', '/_fake/invocation-log')).split('\n')
    expect(lines.map((line) => line && (JSON.parse(line) as object))).toEqual([on.fake.invocationLog[0], ''])
  })
})

test('many streams at once all end well', async () => {
  const fake = await startFakeBedrock({
    fast: true,
    defaultAnswer: { text: Array.from({ length: 50 }, () => 'word ') },
  })
  const provider = bedrockAgainst(fake)
  const target = provider.resolve(undefined, 'text')
  const streams = Array.from({ length: 500 }, (_, i) => collect(provider.stream(ask(), target, { callId: `c${i}` })))
  for (const pieces of await Promise.all(streams)) expect(pieces).toHaveLength(51)
  // A server for many streams keeps nothing of them.
  expect([fake.requests, fake.invocationLog]).toEqual([[], []])
  provider.close()
  await fake.close()
})
