import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { LlmModelNotFound, LlmRefusedRequest } from '../errors.ts'
import { ask, startAgainstFake } from '../testing/bedrock-against-fake.ts'
import type { AgainstFake } from '../testing/bedrock-against-fake.ts'
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

const tools = [{ name: 'lookup', description: 'Looks a domain up.', input: z.object({ domain: z.string() }) }]

describe('a whole answer', () => {
  test('carries the message, why it ended, and the usage', async () => {
    on.fake.answer({
      text: 'A wiper struck.',
      usage: { inputTokens: 1_000, outputTokens: 200, totalTokens: 1_200, cacheReadInputTokens: 400 },
    })
    expect(await on.complete(ask({ system: 'Be short.' }))).toEqual({
      message: { role: 'assistant', content: [{ type: 'text', text: 'A wiper struck.' }] },
      stopReason: 'end',
      usage: { inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 400, cacheWriteTokens: 0 },
      warnings: [],
    })
  })

  test('tells which part of the cache is kept for an hour', async () => {
    on.fake.answer({
      usage: {
        inputTokens: 10,
        outputTokens: 1,
        totalTokens: 911,
        cacheWriteInputTokens: 900,
        cacheDetails: [
          { ttl: '1h', inputTokens: 600 },
          { ttl: '5m', inputTokens: 300 },
        ],
      },
    })
    expect((await on.complete(ask())).usage).toMatchObject({ cacheWriteTokens: 900, cacheWrite1hTokens: 600 })
  })

  test('keeps thoughts, text and calls in their order, as they go into the conversation again', async () => {
    on.fake.answer({
      reasoning: 'Let me see.',
      redacted: Buffer.from('secret').toString('base64'),
      text: 'I look it up.',
      toolUse: { toolUseId: 't1', name: 'lookup', input: { domain: 'evil.com' } },
    })
    const { message, stopReason } = await on.complete(ask({ tools }))
    expect(stopReason).toBe('tool-use')
    expect(message.content).toEqual([
      { type: 'thinking', text: 'Let me see.', signature: 's' },
      { type: 'thinking', text: '', redacted: expect.any(Uint8Array) },
      { type: 'text', text: 'I look it up.' },
      { type: 'toolUse', id: 't1', name: 'lookup', input: { domain: 'evil.com' } },
    ])
    const redacted = message.content[1]?.type === 'thinking' ? message.content[1].redacted : undefined
    expect(Buffer.from(redacted!).toString()).toBe('secret')
  })

  test('names attempt and feature for the invocation log, in characters that AWS takes', async () => {
    await on.complete(ask({ feature: 'chat “x” & <y>' }))
    expect(on.fake.requests[0]!.requestMetadata).toEqual({
      'dayshift-call': 'call-1',
      'dayshift-feature': 'chat _x_ _ _y_',
    })
  })

  test('passes the guardrail of the operator', async () => {
    await restart({ guardrail: { id: 'abc123', version: '7' } })
    await on.complete(ask())
    expect(on.fake.requests[0]!.body).toMatchObject({
      guardrailConfig: { guardrailIdentifier: 'abc123', guardrailVersion: '7' },
    })
  })

  test('from an application profile is asked by its ARN', async () => {
    const model = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3'
    await on.complete(ask({ model }))
    expect(on.fake.requests[0]!.modelId).toBe(model)
  })
})

describe('a name', () => {
  test('is a model of the asked kind, or refused', () => {
    const { provider } = on
    expect(provider.resolve(undefined, 'text').id).toBe('amazon.nova-lite-v1:0')
    expect(provider.resolve(undefined, 'embedding').id).toBe('amazon.titan-embed-text-v2:0')
    expect(provider.resolve('llama3.2', 'text')).toMatchObject({
      provider: 'bedrock',
      id: 'us.meta.llama4-scout-17b-instruct-v1:0',
      warnings: [expect.stringContaining('2026-07-07')],
    })
    expect(() => provider.resolve('amazon.titan-embed-text-v2:0', 'text')).toThrow(LlmRefusedRequest)
    expect(() => provider.resolve('amazon.nova-lite-v1:0', 'embedding')).toThrow(LlmModelNotFound)
  })

  test('may be the operator’s own choice of an embedding model', async () => {
    await restart({ embeddingModelId: 'cohere.embed-v4:0' })
    const target = on.provider.resolve(undefined, 'embedding')
    expect([target.id, on.provider.textsPerCall(target)]).toEqual(['cohere.embed-v4:0', 96])
  })
})

describe('embedding', () => {
  const embed = (texts: string[], name?: string) =>
    on.provider.embed(
      { texts, purpose: 'document', feature: 'article.embed' },
      on.provider.resolve(name, 'embedding'),
      { callId: 'call-1' },
    )

  test('goes through InvokeModel, with the attempt’s name in the header', async () => {
    const { vectors, usage } = await embed(['passage 7'])
    expect(vectors[0]).toHaveLength(768)
    expect(usage?.inputTokens).toBe(3)
    expect(on.fake.requests).toMatchObject([
      {
        operation: 'invoke',
        body: { inputText: 'passage 7' },
        requestMetadata: { 'dayshift-call': 'call-1', 'dayshift-feature': 'article.embed' },
      },
    ])
  })

  test('reads the tokens from the header where the body does not have them', async () => {
    const { usage } = await embed(['passage 7', 'passage 8'], 'cohere.embed-english-v3')
    expect(usage?.inputTokens).toBe(6)
  })

  test('fails in our words', async () => {
    on.fake.fail('throttle')
    await expect(embed(['a'])).rejects.toMatchObject({ name: 'LlmThrottled', spent: 'nothing' })
    on.fake.fail('reset')
    await expect(embed(['a'])).rejects.toMatchObject({ name: 'LlmUnavailable', spent: 'unknown' })
  })
})

describe('tokens', () => {
  const count = () =>
    on.provider.countTokens(ask({ tools, system: 'Be short.' }), on.provider.resolve(undefined, 'text'), {
      callId: 'call-1',
    })

  test('are counted by the vendor', async () => {
    expect(await count()).toEqual({ tokens: 1_000, estimated: false })
    expect(on.fake.requests[0]!.operation).toBe('count-tokens')
  })

  test('are estimated, and called so, where it does not count', async () => {
    // A custom model, which CountTokens refuses.
    const target = { ...on.provider.resolve('no.such-model', 'text') }
    const counted = await on.provider.countTokens(ask(), target, { callId: 'call-1' })
    expect(counted).toEqual({ tokens: 4, estimated: true })
  })
})
