import { expect, test } from 'vitest'
import { parseConverse, parseMetadataHeader } from './request-bodies.ts'

const NOVA = 'amazon.nova-lite-v1:0'
const HAIKU_4_5 = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const HAIKU_5_5 = 'us.anthropic.claude-haiku-5-5'
const GPT_OSS = 'openai.gpt-oss-20b-1:0'
const LLAMA = 'us.meta.llama4-scout-17b-instruct-v1:0'

const user = (...content: object[]) => [{ role: 'user', content: [{ text: 'a' }, ...content] }]
const body = (more: object = {}) => ({ messages: user(), inferenceConfig: { maxTokens: 100 }, ...more })
const config = (more: object) => body({ inferenceConfig: { maxTokens: 100, ...more } })
const toolConfig = (more: object = {}, ...rest: object[]) => ({
  tools: [{ toolSpec: { name: 'a', description: 'a', inputSchema: { json: { type: 'object' } } } }, ...rest],
  ...more,
})
const point = (ttl?: string) => ({ cachePoint: { type: 'default', ...(ttl ? { ttl } : {}) } })
const native = (schema: unknown) => ({
  textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: JSON.stringify(schema) } } },
})

test.each<[string, string, unknown]>([
  ['an unknown field', NOVA, body({ extra: 1 })],
  ['no maxTokens', NOVA, body({ inferenceConfig: {} })],
  ['more than the model gives', NOVA, config({ maxTokens: 10_001 })],
  ['a blank text', NOVA, body({ messages: [{ role: 'user', content: [{ text: ' ' }] }] })],
  ['the assistant first', NOVA, body({ messages: [{ role: 'assistant', content: [{ text: 'a' }] }] })],
  ['two turns of one role', NOVA, body({ messages: [...user(), ...user()] })],
  ['a begun answer', NOVA, body({ messages: [...user(), { role: 'assistant', content: [{ text: 'a' }] }] })],
  ['a result without its call', NOVA, body({ messages: user({ toolResult: { toolUseId: 't', content: [] } }) })],
  [
    'a document alone',
    NOVA,
    body({
      messages: [{ role: 'user', content: [{ document: { format: 'pdf', name: 'd', source: { bytes: 'YQ==' } } }] }],
    }),
  ],
  ['thoughts of the user', NOVA, body({ messages: user({ reasoningContent: { redactedContent: 'YQ==' } }) })],
  ['temperature above 1', NOVA, config({ temperature: 1.1 })],
  ['temperature for Haiku 5.5', HAIKU_5_5, config({ temperature: 0 })],
  ['top_p for Haiku 5.5', HAIKU_5_5, config({ topP: 0 })],
  ['both for Haiku 4.5', HAIKU_4_5, config({ temperature: 0, topP: 0 })],
  ['five stop sequences', NOVA, config({ stopSequences: ['a', 'b', 'c', 'd', 'e'] })],
  ['stop sequences for gpt-oss', GPT_OSS, config({ stopSequences: ['a'] })],
  ['a blank stop sequence', NOVA, config({ stopSequences: ['\n'] })],
  ['top_k for Nova', NOVA, body({ additionalModelRequestFields: { top_k: 1 } })],
  ['top_k for Haiku 5.5', HAIKU_5_5, body({ additionalModelRequestFields: { top_k: 1 } })],
  ['fields of no family', GPT_OSS, body({ additionalModelRequestFields: { top_k: 1 } })],
  ['thinking for Haiku 4.5', HAIKU_4_5, body({ additionalModelRequestFields: { thinking: { type: 'disabled' } } })],
  ['effort for Nova', NOVA, body({ outputConfig: { effort: 'low' } })],
  ['an unknown effort', HAIKU_5_5, body({ outputConfig: { effort: 'huge' } })],
  ['a forced tool for Haiku 5.5', HAIKU_5_5, body({ toolConfig: toolConfig({ toolChoice: { any: {} } }) })],
  ['native JSON for Nova', NOVA, body({ outputConfig: native({ type: 'object', additionalProperties: false }) })],
  ['an open object as native JSON', GPT_OSS, body({ outputConfig: native({ type: 'object', properties: {} }) })],
  ['bounds in native JSON', GPT_OSS, body({ outputConfig: native({ type: 'integer', minimum: 1 }) })],
  ['a tier without a price', NOVA, body({ serviceTier: { type: 'flex' } })],
  ['a guardrail without a version', NOVA, body({ guardrailConfig: { guardrailIdentifier: 'abc' } })],
  ['a guardrail version 0', NOVA, body({ guardrailConfig: { guardrailIdentifier: 'abc', guardrailVersion: '0' } })],
  [
    '17 pairs of metadata',
    NOVA,
    body({ requestMetadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) }),
  ],
  ['foreign characters in metadata', NOVA, body({ requestMetadata: { k: 'a;b' } })],
  ['257 characters in metadata', NOVA, body({ requestMetadata: { k: 'a'.repeat(257) } })],
  ['cache points for Llama', LLAMA, body({ messages: user(point()) })],
  ['five cache points', HAIKU_4_5, body({ messages: user(point(), point(), point(), point(), point()) })],
  ['a cache point after tools for Nova', NOVA, body({ toolConfig: toolConfig({}, point()) })],
  ['an hour for Nova', NOVA, body({ messages: user(point('1h')) })],
  ['an hour after five minutes', HAIKU_4_5, body({ system: [{ text: 'a' }, point()], messages: user(point('1h')) })],
  ['a cache point before everything', HAIKU_4_5, body({ system: [point()] })],
  ['an application of another ttl', HAIKU_4_5, body({ messages: user(point('30m')) })],
])('%s is refused as AWS does', (_, id, json) => {
  expect(() => parseConverse(id, json)).toThrow(
    expect.objectContaining({ status: 400, type: 'ValidationException' }) as Error,
  )
})

test.each<[string, string, unknown]>([
  [
    'everything that Haiku 4.5 takes',
    HAIKU_4_5,
    body({
      system: [{ text: 'a' }, point('1h')],
      toolConfig: toolConfig({ toolChoice: { any: {} } }, point('1h')),
      messages: user(point('5m'), point()),
      additionalModelRequestFields: { top_k: 0 },
      guardrailConfig: { guardrailIdentifier: 'abc', guardrailVersion: 'DRAFT' },
      requestMetadata: { 'dayshift-call': 'a_b:c d' },
    }),
  ],
  [
    'everything that Haiku 5.5 takes',
    HAIKU_5_5,
    body({
      outputConfig: { effort: 'high' },
      additionalModelRequestFields: { thinking: { type: 'disabled' } },
    }),
  ],
  [
    'native JSON for gpt-oss',
    GPT_OSS,
    body({ outputConfig: native({ type: 'object', properties: {}, additionalProperties: false }) }),
  ],
])('%s is taken', (_, id, json) => {
  expect(parseConverse(id, json)).toEqual(json)
})

test('tools in a stream are refused where the model does not stream with them', () => {
  const json = body({ toolConfig: toolConfig() })
  expect(parseConverse(LLAMA, json)).toEqual(json)
  expect(() => parseConverse(LLAMA, json, true)).toThrow('streaming mode')
})

test.each([
  ['a model past its end', 'anthropic.claude-3-haiku-20240307-v1:0', 404, 'end of its life'],
  ['a bare id that needs a profile', 'anthropic.claude-haiku-5-5', 400, 'on-demand throughput'],
  ['a profile that does not exist', 'ca.anthropic.claude-haiku-5-5', 400, 'identifier is invalid'],
  ['an embedding model', 'amazon.titan-embed-text-v2:0', 400, 'does not converse'],
])('%s is refused as AWS does', (_, id, status, words) => {
  expect(() => parseConverse(id, body())).toThrow(
    expect.objectContaining({ status, message: expect.stringContaining(words) }) as Error,
  )
})

test('metadata in a header has the same limits', () => {
  expect(parseMetadataHeader('{"a":"b"}')).toEqual({ a: 'b' })
  expect(() => parseMetadataHeader('{"a":"b;"}')).toThrow('Malformed')
})
