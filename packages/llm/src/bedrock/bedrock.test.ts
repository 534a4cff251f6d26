import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { LlmAnswerInvalid, LlmTimeout, LlmTruncatedStream, LlmUnavailable } from '../errors.ts'
import type { StreamEvent } from '../llm.ts'
import { ask, bedrockAgainst } from '../testing/bedrock-against-fake.ts'
import { collect } from '../testing/collect.ts'
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

const textOf = (events: StreamEvent<unknown>[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('')

describe('a whole answer', () => {
  test('carries text, usage, and the cost at the catalogue price', async () => {
    fake.answer({
      text: 'A wiper struck.',
      usage: { inputTokens: 1_000, outputTokens: 200, totalTokens: 1_200, cacheReadInputTokens: 400 },
    })
    const answer = await llm.complete(ask({ system: 'Be short.' }))
    expect(answer).toMatchObject({
      text: 'A wiper struck.',
      stopReason: 'end',
      usage: { inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 400, cacheWriteTokens: 0 },
      model: 'amazon.nova-lite-v1:0',
      provider: 'bedrock',
      warnings: [],
    })
    // 1,000 x $0.06 + 200 x $0.24 + 400 x $0.015, each for a million.
    expect(answer.costUsd).toBeCloseTo(0.000114, 12)
  })

  test('always sends maxTokens, because Bedrock reserves it against the quota', async () => {
    await llm.complete(ask())
    expect(fake.requests[0]!.body).toMatchObject({ inferenceConfig: { maxTokens: 2_048 } })
  })

  test('lowers maxTokens to what the model gives, with a warning', async () => {
    const answer = await llm.complete(ask({ maxTokens: 50_000 }))
    expect(fake.requests[0]!.body).toMatchObject({ inferenceConfig: { maxTokens: 10_000 } })
    expect(answer.warnings).toEqual(['maxTokens 50000 became 10000, the most that Nova Lite gives.'])
  })

  test('leaves out a temperature that the model refuses, even 0, and says so', async () => {
    const answer = await llm.complete(ask({ model: 'anthropic.claude-haiku-5-5', temperature: 0 }))
    expect(fake.requests[0]).toMatchObject({ modelId: 'us.anthropic.claude-haiku-5-5' })
    expect(fake.requests[0]!.body).not.toHaveProperty('inferenceConfig.temperature')
    expect(answer.warnings).toEqual(['Claude Haiku 5.5 takes no temperature: 0 was left out.'])
  })

  test('sends a temperature where the model takes it', async () => {
    await llm.complete(ask({ temperature: 0 }))
    expect(fake.requests[0]!.body).toMatchObject({ inferenceConfig: { temperature: 0 } })
  })

  test('from a dead model comes from its replacement, with a warning', async () => {
    const answer = await llm.complete(ask({ model: 'anthropic.claude-3-haiku-20240307-v1:0' }))
    expect(answer.model).toBe('us.anthropic.claude-haiku-5-5')
    expect(answer.warnings[0]).toContain('Claude 3 Haiku reached its end of life on 2026-09-10')
  })

  test('sends images, documents and tool results in the form that Bedrock takes', async () => {
    const bytes = Buffer.from('bytes')
    const answer = await llm.complete({
      feature: 'chat',
      tools: [{ name: 'lookup', description: 'Looks a domain up.', input: z.object({ domain: z.string() }) }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: ' ' },
            { type: 'image', format: 'png', bytes },
            { type: 'document', format: 'pdf', bytes },
          ],
        },
        { role: 'user', content: [{ type: 'text', text: 'Who is it?' }] },
        { role: 'assistant', content: [{ type: 'toolUse', id: 't1', name: 'lookup', input: { domain: 'evil.com' } }] },
        { role: 'user', content: [{ type: 'toolResult', toolUseId: 't1', text: 'unknown', failed: true }] },
      ],
    })
    expect(answer.stopReason).toBe('end')
    expect(fake.requests[0]!.body).toMatchObject({
      messages: [
        {
          role: 'user',
          content: [
            { image: { format: 'png', source: { bytes: 'Ynl0ZXM=' } } },
            { document: { format: 'pdf', name: 'document-1' } },
            { text: 'Who is it?' },
          ],
        },
        { role: 'assistant' },
        { role: 'user', content: [{ toolResult: { toolUseId: 't1', status: 'error' } }] },
      ],
    })
  })

  test('gives the tool calls of the model', async () => {
    fake.answer({ toolUse: { toolUseId: 't1', name: 'lookup', input: { domain: 'evil.com' } } })
    const tools = [{ name: 'lookup', description: 'Looks a domain up.', input: z.object({ domain: z.string() }) }]
    const answer = await llm.complete(ask({ tools }))
    expect(answer.toolCalls).toEqual([{ id: 't1', name: 'lookup', input: { domain: 'evil.com' } }])
    expect(answer.stopReason).toBe('tool-use')
  })

  test('leaves thinking out', async () => {
    fake.answer({ reasoning: 'Let me see.', text: 'Done.' })
    expect((await llm.complete(ask())).text).toBe('Done.')
  })

  test('of a profile whose model is not known has no cost, and says so, instead of 0', async () => {
    const model = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3'
    const answer = await llm.complete(ask({ model }))
    expect(answer).toMatchObject({ model, costUsd: null })
    expect(answer.warnings.join(' ')).toContain('The cost is not known')
    expect(fake.requests[0]!.modelId).toBe(model)
  })
})

describe('structured output', () => {
  const schema = z.object({ actor: z.string(), victims: z.int() })

  test('is asked for by a forced tool where the model can be forced', async () => {
    fake.answer({ toolUse: { toolUseId: 't', name: 'answer', input: { actor: 'APT29', victims: 3 } } })
    const answer = await llm.complete({ ...ask(), schema })
    expect(answer.json.actor).toBe('APT29')
    expect(answer).toMatchObject({ json: { victims: 3 }, toolCalls: [], stopReason: 'end' })
    expect(fake.requests[0]!.body).toMatchObject({ toolConfig: { toolChoice: { tool: { name: 'answer' } } } })
  })

  test('is asked for in words where it cannot, and may come in a fence', async () => {
    fake.answer({ text: '```json\n{"actor":"APT29","victims":3}\n```' })
    const answer = await llm.complete({ ...ask({ model: 'anthropic.claude-haiku-5-5' }), schema })
    expect(answer.json).toEqual({ actor: 'APT29', victims: 3 })
    expect(fake.requests[0]!.body).not.toHaveProperty('toolConfig')
    expect(JSON.stringify(fake.requests[0]!.body)).toContain('victims')
  })

  test('of the wrong shape is an error that carries the paid answer', async () => {
    fake.answer({ toolUse: { toolUseId: 't', name: 'answer', input: { actor: 'APT29', victims: 'many' } } })
    const error = await llm.complete({ ...ask(), schema }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(LlmAnswerInvalid)
    expect((error as LlmAnswerInvalid).message).toContain('victims')
    expect((error as LlmAnswerInvalid).answer!.costUsd).toBeGreaterThan(0)
    expect(fake.requests).toHaveLength(1)
  })

  test('streams as its JSON text', async () => {
    fake.answer({ toolUse: { toolUseId: 't', name: 'answer', input: { actor: 'APT29', victims: 3 } } })
    const events = await collect(llm.stream({ ...ask(), schema }))
    expect(textOf(events)).toBe('{"actor":"APT29","victims":3}')
    expect(events.at(-1)).toMatchObject({ type: 'end', answer: { json: { victims: 3 }, toolCalls: [] } })
  })
})

describe('a stream', () => {
  test('gives text as it comes, whole tool calls, and ends with the answer', async () => {
    fake.answer({
      reasoning: 'Hm.',
      text: ['Grüße ', 'aus Köln'],
      toolUse: { toolUseId: 't1', name: 'lookup', input: { domain: 'evil.com' } },
    })
    const tools = [{ name: 'lookup', description: 'Looks a domain up.', input: z.object({ domain: z.string() }) }]
    const events = await collect(llm.stream(ask({ tools })))
    expect(events.map((event) => event.type)).toEqual(['text', 'text', 'tool-call', 'end'])
    expect(events.at(-1)).toMatchObject({
      answer: {
        text: 'Grüße aus Köln',
        toolCalls: [{ id: 't1', name: 'lookup', input: { domain: 'evil.com' } }],
        stopReason: 'tool-use',
        usage: { inputTokens: 1_000, outputTokens: 200 },
      },
    })
  })

  test.each<[Fault, typeof LlmUnavailable]>([
    ['stream-exception', LlmUnavailable],
    ['stream-error-frame', LlmUnavailable],
    ['cut-stream', LlmUnavailable],
    ['no-message-stop', LlmTruncatedStream],
    ['stall', LlmTimeout],
  ])(
    'that fails in the middle (%s) is an error after the text so far, and is not tried again',
    async (fault, expected) => {
      restart({ idleTimeoutMs: 300 })
      fake.fail(fault)
      const seen: string[] = []
      const read = async () => {
        for await (const event of llm.stream(ask())) if (event.type === 'text') seen.push(event.text)
      }
      await expect(read()).rejects.toThrow(expected)
      expect(seen[0]).toBe('This is ')
      expect(fake.requests).toHaveLength(1)
    },
  )

  test.each<Fault>(['throttle', 'unavailable', 'reset', 'exception-before-text', 'cut-before-text'])(
    'that fails before its first piece (%s) is tried again',
    async (fault) => {
      fake.fail(fault, fault)
      expect(textOf(await collect(llm.stream(ask())))).toBe('This is a fake answer.')
      expect(fake.requests).toHaveLength(3)
    },
  )

  test('without a first piece times out, and is given up after the attempts', async () => {
    restart({ idleTimeoutMs: 100 })
    fake.fail('hang', 'hang', 'hang')
    await expect(collect(llm.stream(ask()))).rejects.toThrow(LlmTimeout)
    expect(fake.requests).toHaveLength(3)
  })

  test('ends upstream as soon as the caller cancels', async () => {
    const abort = new AbortController()
    fake.answer({ text: Array.from({ length: 200 }, (_, i) => `${i} `), frameDelayMs: 20 })
    const read = async () => {
      for await (const _ of llm.stream(ask(), { signal: abort.signal })) abort.abort(new Error('enough'))
    }
    await expect(read()).rejects.toThrow('enough')
    await expect.poll(() => fake.requests[0]!.cancelled).toBe(true)
    expect(fake.requests).toHaveLength(1)
  })

  test('that is silent ends as soon as the caller cancels', async () => {
    fake.fail('stall')
    const started = performance.now()
    await expect(collect(llm.stream(ask(), { signal: AbortSignal.timeout(200) }))).rejects.toThrow('timeout')
    expect(performance.now() - started).toBeLessThan(3_000)
    await expect.poll(() => fake.requests[0]!.cancelled).toBe(true)
  })

  test('ends upstream when the reader leaves', async () => {
    fake.answer({ text: Array.from({ length: 200 }, (_, i) => `${i} `), frameDelayMs: 20 })
    for await (const event of llm.stream(ask())) if (event.type === 'text') break
    await expect.poll(() => fake.requests[0]!.cancelled).toBe(true)
  })
})

describe('embedding', () => {
  test('sends one text in a call and gives 768 numbers of length 1 in the order of the texts', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `passage ${i}`)
    const { vectors, space, costUsd, usage } = await llm.embed({ texts, purpose: 'document' })
    expect(fake.requests).toHaveLength(20)
    expect(fake.requests.every(({ body }) => typeof (body as { inputText: unknown }).inputText === 'string')).toBe(true)
    const [again] = (await llm.embed({ texts: ['passage 7'], purpose: 'query' })).vectors
    expect(vectors[7]).toEqual(again)
    for (const vector of vectors) {
      expect(vector).toHaveLength(768)
      expect(Math.hypot(...vector)).toBeCloseTo(1, 6)
      expect(vector.subarray(512).every((number) => number === 0)).toBe(true)
    }
    expect(space).toMatchObject({ dimensions: 768, sourceDimensions: 512, model: 'amazon.titan-embed-text-v2:0' })
    // "passage 7" is 9 characters and 3 of the fake's tokens, so are all twenty; $0.02 for a million.
    expect(usage.inputTokens).toBe(60)
    expect(costUsd).toBeCloseTo(0.0000012, 12)
  })

  test('refuses a blank or over-long text before any call', async () => {
    await expect(llm.embed({ texts: ['a', ' '], purpose: 'document' })).rejects.toThrow('texts[1] is blank')
    await expect(llm.embed({ texts: ['x'.repeat(50_001)], purpose: 'document' })).rejects.toThrow('50001 characters')
    expect(fake.requests).toHaveLength(0)
  })

  test('survives a throttled call', async () => {
    fake.fail('throttle')
    const { vectors } = await llm.embed({ texts: ['a', 'b'], purpose: 'document' })
    expect(vectors).toHaveLength(2)
    expect(fake.requests).toHaveLength(3)
  })

  test('refuses a model that it cannot read', async () => {
    await expect(llm.embed({ texts: ['a'], purpose: 'query', model: 'cohere.embed-v4:0' })).rejects.toThrow(
      'cannot embed',
    )
  })
})

test('tokens are counted by the vendor', async () => {
  expect(await llm.countTokens(ask())).toBe(1_000)
  expect(fake.requests[0]!.operation).toBe('count-tokens')
})
