import { expect, test } from 'vitest'
import { ask, startAgainstFake } from '../testing/bedrock-against-fake.ts'
import { collect } from '../testing/collect.ts'
import { readInvocationLog } from './invocation-log.ts'

/** A record as AWS's user guide shows it, with what else is seen in real ones. */
const record = (more: object = {}) =>
  JSON.stringify({
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    timestamp: '2026-11-21T23:00:17Z',
    accountId: '123456789012',
    identity: { arn: 'arn:aws:sts::123456789012:assumed-role/role/session' },
    region: 'us-east-1',
    requestId: '915a6a04-3f83-4c70-a277-7fbf7ea546b3',
    operation: 'Converse',
    modelId: 'amazon.nova-lite-v1:0',
    input: { inputContentType: 'application/json', inputBodyJson: { messages: [] }, inputTokenCount: 35 },
    output: { outputContentType: 'application/json', outputBodyJson: { output: {} }, outputTokenCount: 446 },
    requestMetadata: { 'dayshift-call': 'c1', 'dayshift-feature': 'article.summary' },
    ...more,
  })

test('a record of ours is read with its call and tokens', () => {
  expect(readInvocationLog(`${record()}\n`)).toEqual([
    {
      callId: 'c1',
      usage: { inputTokens: 35, outputTokens: 446, cacheReadTokens: 0, cacheWriteTokens: 0 },
      modelId: 'amazon.nova-lite-v1:0',
      timestamp: new Date('2026-11-21T23:00:17Z'),
    },
  ])
})

test('cached tokens are read, and for how long where the body tells it', () => {
  const [read] = readInvocationLog(
    record({
      input: { inputTokenCount: 2, cacheReadInputTokenCount: 95_500, cacheWriteInputTokenCount: 700 },
      output: {
        outputTokenCount: 9,
        outputBodyJson: { usage: { inputTokens: 2, cacheDetails: [{ ttl: '1h', inputTokens: 500 }] } },
      },
    }),
  )
  expect(read?.usage).toEqual({
    inputTokens: 2,
    outputTokens: 9,
    cacheReadTokens: 95_500,
    cacheWriteTokens: 700,
    cacheWrite1hTokens: 500,
  })
})

test('a call that failed cost nothing', () => {
  const lines = record({
    errorCode: 'ThrottlingException',
    input: { inputContentType: 'application/json' },
    output: undefined,
  })
  expect(readInvocationLog(lines)[0]?.usage).toMatchObject({ inputTokens: 0, outputTokens: 0 })
})

test('records of others are left out', () => {
  const lines = [record({ requestMetadata: undefined }), record({ requestMetadata: { team: 'x' } }), '', '{"other":1}']
  expect(readInvocationLog(lines.join('\n'))).toEqual([])
})

test.each([
  ['is not JSON', `${record()}\n{"cut`, 'Line 2 of the invocation log is not JSON'],
  ['is ours in another form', record({ input: { inputTokenCount: 'many' } }), 'inputTokenCount'],
])('a line that %s is an error that names it', (_, lines, words) => {
  expect(() => readInvocationLog(lines)).toThrow(words)
})

test('what the fake server logs is read back, of every operation', async () => {
  const on = await startAgainstFake()
  const usage = { inputTokens: 5, outputTokens: 7, totalTokens: 12 }
  on.fake.answer({ usage }, { usage })
  await on.complete(ask({ model: 'amazon.nova-2-lite-v1:0' }))
  await collect(on.stream(ask()))
  const target = on.provider.resolve(undefined, 'embedding')
  await on.provider.embed({ texts: ['12345678'], purpose: 'query' }, target, { callId: 'call-2' })
  await on.close()
  const read = readInvocationLog(on.fake.invocationLog.map((entry) => JSON.stringify(entry)).join('\n'))
  expect(read.map(({ callId, modelId, usage }) => [callId, modelId, usage.inputTokens, usage.outputTokens])).toEqual([
    ['call-1', 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-2-lite-v1:0', 5, 7],
    ['call-1', 'amazon.nova-lite-v1:0', 5, 7],
    ['call-2', 'amazon.titan-embed-text-v2:0', 2, 0],
  ])
})
