import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { BatchModels, BatchRequest, BatchResult } from '../../batch.ts'
import { costOf } from '../../cost.ts'
import {
  LlmModelNotFound,
  LlmNotAllowed,
  LlmRefusedRequest,
  LlmThrottled,
  LlmTimeout,
  LlmUnavailable,
} from '../../errors.ts'
import type { TextRequest, Usage } from '../../llm.ts'
import { batchesAgainst } from '../../testing/batches-against-fake.ts'
import { startFakeBatch } from '../../testing/fake-batch.ts'
import type { FakeBatch, FakeBatchFault } from '../../testing/fake-batch.ts'
import { createMemoryObjects } from '../../testing/memory-objects.ts'
import type { BedrockBatchOptions } from './index.ts'

let fake: FakeBatch
let objects: ReturnType<typeof createMemoryObjects>
let batches: BatchModels

const open = (options: Partial<BedrockBatchOptions> = {}) => batchesAgainst(fake, { objects, ...options })

beforeEach(async () => {
  objects = createMemoryObjects()
  // Nova Lite in batch: $0.03 and $0.12 for a million tokens.
  fake = await startFakeBatch({
    objects,
    bucket: 'reports',
    nanoUsdPerToken: { input: 30, output: 120 },
    minRecords: 3,
    answer: (recordId) => ({ text: `Réponse\u2028${recordId}`, inputTokens: 1_000, outputTokens: 200 }),
  })
  batches = open()
})

afterEach(async () => {
  batches.close()
  await fake.close()
})

const recordId = (n: number) => `R${String(n).padStart(10, '0')}`
const question = (text: string, more: Partial<TextRequest<unknown>> = {}): TextRequest<unknown> => ({
  feature: 'article.summary',
  maxTokens: 400,
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  ...more,
})
const requestsOf = (count: number, more: Partial<TextRequest<unknown>> = {}): BatchRequest[] =>
  Array.from({ length: count }, (_, n) => ({ recordId: recordId(n), request: question(`Question ${n}?`, more) }))

/** Prepares and starts a job. */
async function submit(requests: BatchRequest[], jobName = 'summaries-1') {
  const target = batches.resolve()
  await batches.prepare({ jobName, target, requests })
  const { jobId } = await batches.submit({ jobName, target })
  return { jobId, jobName, target }
}

const inputOf = (jobName: string): { recordId: string; modelInput: Record<string, unknown> }[] =>
  objects.objects
    .get(`batches/${jobName}/requests.jsonl`)!
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const collect = async (job: { jobId: string; jobName: string }): Promise<BatchResult[]> =>
  (await Array.fromAsync(batches.collect(job))).toSorted((a, b) => (a.recordId < b.recordId ? -1 : 1))

describe('a batch', () => {
  test('goes from its requests to its answers', async () => {
    const job = await submit(requestsOf(3))
    expect(job.jobId).toMatch(/^arn:aws:bedrock:us-east-1:123456789012:model-invocation-job\/[a-z0-9]{12}$/)
    expect(await batches.poll(job.jobId)).toMatchObject({ state: 'waiting' })
    fake.start()
    expect(await batches.poll(job.jobId)).toMatchObject({ state: 'running' })
    await fake.work()
    expect(await batches.poll(job.jobId)).toEqual({
      state: 'done',
      message: undefined,
      counts: { total: 3, processed: 3, succeeded: 3, failed: 0 },
    })
    expect(await collect(job)).toEqual(
      [0, 1, 2].map((n) => ({
        recordId: recordId(n),
        reply: {
          message: { role: 'assistant', content: [{ type: 'text', text: `Réponse\u2028${recordId(n)}` }] },
          stopReason: 'end',
          usage: { inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 0, cacheWriteTokens: 0 },
          warnings: [],
        },
      })),
    )
    expect(await batches.findTotals(job)).toEqual({ inputTokens: 3_000, outputTokens: 600 })
  })

  test('asks for a job in the form of Converse with everything that the vendor needs', async () => {
    await submit(requestsOf(3))
    expect(fake.jobs[0]!.body).toEqual({
      jobName: 'summaries-1',
      clientRequestToken: 'summaries-1',
      roleArn: 'arn:aws:iam::123456789012:role/batches',
      modelId: 'amazon.nova-lite-v1:0',
      modelInvocationType: 'Converse',
      inputDataConfig: {
        s3InputDataConfig: { s3InputFormat: 'JSONL', s3Uri: 's3://reports/batches/summaries-1/requests.jsonl' },
      },
      outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://reports/batches/summaries-1/answers/' } },
      timeoutDurationInHours: 24,
    })
  })

  test('costs half of what the same answers cost at once', async () => {
    const job = await submit(requestsOf(3))
    await fake.work()
    const usages = (await collect(job)).map((result) => ('reply' in result ? result.reply.usage : undefined))
    const costIn = (tier: 'batch' | 'standard') =>
      usages.reduce((sum, usage) => sum + costOf(job.target, usage as Usage, tier).costUsd!, 0)
    // 3 × (1,000 × $0.03 + 200 × $0.12) / 1,000,000 = $0.000162; at once it is 3 × (1,000 × $0.06 + 200 × $0.24) / 1,000,000.
    expect(costIn('batch')).toBeCloseTo(0.000162, 12)
    expect(costIn('standard')).toBeCloseTo(0.000324, 12)
    expect(fake.billUsd()).toBeCloseTo(0.000162, 12)
  })
})

describe('a record', () => {
  test('is the body of Converse, with a limit of tokens always', async () => {
    await submit(requestsOf(3, { system: 'Be brief.', temperature: 0, maxTokens: undefined }))
    expect(inputOf('summaries-1')[1]).toEqual({
      recordId: 'R0000000001',
      modelInput: {
        messages: [{ role: 'user', content: [{ text: 'Question 1?' }] }],
        system: [{ text: 'Be brief.' }],
        inferenceConfig: { maxTokens: expect.any(Number), temperature: 0 },
      },
    })
  })

  test('holds bytes as base64', async () => {
    const picture = { type: 'image', format: 'png', bytes: Buffer.from('picture') } as const
    const messages = [{ role: 'user' as const, content: [picture, { ...picture, bytes: new Uint8Array([1, 2, 3]) }] }]
    await submit(requestsOf(3, { messages }))
    expect(inputOf('summaries-1')[0]!.modelInput.messages).toEqual([
      {
        role: 'user',
        content: ['cGljdHVyZQ==', 'AQID'].map((bytes) => ({ image: { format: 'png', source: { bytes } } })),
      },
    ])
  })

  test('asks for JSON without a tool, which a batch refuses', async () => {
    const job = await submit(requestsOf(3, { schema: z.object({ answer: z.string() }) }))
    expect(inputOf('summaries-1')[0]!.modelInput).not.toHaveProperty('toolConfig')
    expect(JSON.stringify(inputOf('summaries-1')[0]!.modelInput)).toContain('answer')
    await fake.work()
    for (const result of await collect(job)) expect(result).toHaveProperty('reply')
  })

  test('has no cache points', async () => {
    const messages = [
      {
        role: 'user' as const,
        content: [{ type: 'text', text: 'Q' } as const, { type: 'cachePoint', ttl: '5m' } as const],
      },
    ]
    await submit(requestsOf(3, { messages, cachePoints: { system: '5m' }, system: 'S' }))
    expect(JSON.stringify(inputOf('summaries-1'))).not.toContain('cachePoint')
  })

  test.each<[string, BatchRequest[], string]>([
    ['too few', requestsOf(2), 'at least 3 records, this one 2'],
    ['too many', requestsOf(6), 'at most 5 records'],
    ['a name that is too short', [{ recordId: 'R1', request: question('Q') }], '11 letters or digits, not "R1"'],
    ['a name with a hyphen', [{ recordId: 'R-000000001', request: question('Q') }], '11 letters or digits'],
    ['a name twice', [...requestsOf(3), ...requestsOf(1)], 'R0000000000 stands twice'],
    ['tools', requestsOf(3, { tools: [{ name: 't', description: 'd', input: z.object({}) }] }), 'takes no tools'],
  ])('is refused before anything is sent: %s', async (_, requests, words) => {
    batches.close()
    batches = open({ maxRecords: 5 })
    const error = await submit(requests).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(LlmRefusedRequest)
    expect((error as Error).message).toContain(words)
    expect(objects.objects.size).toBe(0)
    expect(fake.requests).toEqual([])
  })
})

describe('the model', () => {
  test('is resolved as everywhere', () => {
    expect(batches.resolve()).toMatchObject({ provider: 'bedrock', id: 'amazon.nova-lite-v1:0', scope: 'region' })
    expect(batches.resolve('us.amazon.nova-lite-v1:0')).toMatchObject({ id: 'us.amazon.nova-lite-v1:0', scope: 'geo' })
  })

  test('that ended since is known again by its id, for its price', () => {
    const dead = 'anthropic.claude-3-haiku-20240307-v1:0'
    expect(batches.resolve(dead).model?.id).toBe('anthropic.claude-haiku-5-5')
    expect(batches.recall(dead)).toMatchObject({ id: dead, model: { id: dead } })
    expect(batches.recall(`us.${dead}`)).toMatchObject({ id: `us.${dead}`, model: { id: dead }, scope: 'geo' })
  })

  test('must be one of text', () => {
    expect(() => batches.resolve('amazon.titan-embed-text-v2:0')).toThrow(LlmModelNotFound)
  })
})

describe('the end of a job', () => {
  test('with records that failed gives their errors', async () => {
    const job = await submit(requestsOf(4))
    await fake.work({ errors: { [recordId(2)]: { errorCode: 429, errorMessage: 'Too many tokens.' } } })
    const results = await collect(job)
    expect(results[2]).toEqual({ recordId: recordId(2), error: '429: Too many tokens.' })
    expect(results.filter((result) => 'reply' in result)).toHaveLength(3)
    expect((await batches.poll(job.jobId)).counts).toMatchObject({ succeeded: 3, failed: 1 })
  })

  test('that could not finish in time leaves records out', async () => {
    const job = await submit(requestsOf(5))
    await fake.work({ only: 2 })
    expect(await batches.poll(job.jobId)).toMatchObject({ state: 'done', message: 'The time did not suffice for all.' })
    expect((await collect(job)).map((result) => result.recordId)).toEqual([recordId(0), recordId(1)])
  })

  test('that failed, expired or was stopped is said as it is', async () => {
    const failed = await submit(requestsOf(3), 'one')
    await fake.work({ failsWith: 'The role has no access to the bucket.' })
    expect(await batches.poll(failed.jobId)).toMatchObject({
      state: 'failed',
      message: 'The role has no access to the bucket.',
    })
    expect(await collect(failed)).toEqual([])
    expect(await batches.findTotals(failed)).toBeUndefined()
    const expired = await submit(requestsOf(3), 'two')
    await fake.work({ expires: true })
    expect(await batches.poll(expired.jobId)).toMatchObject({ state: 'expired' })
    const stopped = await submit(requestsOf(3), 'three')
    await batches.stop(stopped.jobId)
    expect(await batches.poll(stopped.jobId)).toMatchObject({ state: 'running' })
    await fake.work({ only: 1 })
    expect(await batches.poll(stopped.jobId)).toMatchObject({ state: 'stopped' })
    expect(await collect(stopped)).toHaveLength(1)
    await expect(batches.stop(stopped.jobId)).resolves.toBeUndefined()
  })

  test('with a damaged line leaves that record out and keeps the others', async () => {
    const job = await submit(requestsOf(3))
    await fake.work({ damaged: [recordId(1)] })
    expect((await collect(job)).map((result) => result.recordId)).toEqual([recordId(0), recordId(2)])
    expect(await batches.findTotals(job)).toEqual({ inputTokens: 3_000, outputTokens: 600 })
  })

  test('keeps what a model thought apart from what it said', async () => {
    await fake.close()
    fake = await startFakeBatch({
      objects,
      bucket: 'reports',
      nanoUsdPerToken: { input: 0, output: 0 },
      minRecords: 3,
      answer: () => ({ reasoning: 'Hm.', text: 'So.', inputTokens: 1, outputTokens: 1 }),
    })
    batches.close()
    batches = open()
    const job = await submit(requestsOf(3))
    await fake.work()
    expect((await collect(job))[0]).toMatchObject({
      reply: {
        message: {
          content: [
            { type: 'thinking', text: 'Hm.', signature: 's' },
            { type: 'text', text: 'So.' },
          ],
        },
      },
    })
  })
})

describe('a call', () => {
  test('whose answer is lost starts no second job, and the first is found', async () => {
    const target = batches.resolve()
    await batches.prepare({ jobName: 'summaries-1', target, requests: requestsOf(3) })
    expect(await batches.find('summaries-1')).toBeUndefined()
    fake.fail('lost-answer')
    await expect(batches.submit({ jobName: 'summaries-1', target })).rejects.toBeInstanceOf(LlmUnavailable)
    const { arn: jobId } = fake.jobs[0]!
    expect(await batches.submit({ jobName: 'summaries-1', target })).toEqual({ jobId })
    expect(await batches.find('summaries-1')).toEqual({ jobId })
    expect(fake.jobs).toHaveLength(1)
  })

  test('takes no job for another whose name only begins alike', async () => {
    await submit(requestsOf(3), 'summaries-10')
    expect(await batches.find('summaries-1')).toBeUndefined()
  })

  test.each<[FakeBatchFault, unknown]>([
    ['throttle', LlmThrottled],
    ['unavailable', LlmUnavailable],
    ['access-denied', LlmNotAllowed],
    ['hang', LlmTimeout],
    ['lost-answer', LlmUnavailable],
  ])('that meets %s is a typed error after one request', async (fault, expected) => {
    const { jobId } = await submit(requestsOf(3))
    batches.close()
    batches = open({ requestTimeoutMs: 200 })
    const before = fake.requests.length
    fake.fail(fault)
    await expect(batches.poll(jobId)).rejects.toBeInstanceOf(expected)
    expect(fake.requests).toHaveLength(before + 1)
    expect(await batches.poll(jobId)).toMatchObject({ state: 'waiting' })
  })

  test('about a job that is not there is a typed error', async () => {
    const unknown = 'arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abcdefghijkl'
    await expect(batches.poll(unknown)).rejects.toBeInstanceOf(LlmModelNotFound)
  })
})
