import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { TextRequest } from '../llm.ts'
import { ask, startAgainstFake } from '../testing/bedrock-against-fake.ts'
import type { AgainstFake } from '../testing/bedrock-against-fake.ts'
import { collect } from '../testing/collect.ts'
import { toNativeSchema } from './native-schema.ts'

const HAIKU_5_5 = 'anthropic.claude-haiku-5-5'
const GPT_OSS = 'openai.gpt-oss-20b-1:0'
const schema = z.object({ actor: z.string().max(50), victims: z.int() })
const input = { actor: 'APT29', victims: 3 }
const tools = [{ name: 'lookup', description: 'Looks a domain up.', input: z.object({ domain: z.string() }) }]
const words = '"victims"'

let on: AgainstFake
beforeAll(async () => {
  on = await startAgainstFake()
})
afterEach(() => void (on.fake.requests.length = 0))
afterAll(() => on.close())

const asked = (more: Partial<TextRequest<unknown>> = {}) => ask({ schema, ...more })
const body = () => on.fake.requests.at(-1)!.body as Record<string, unknown>

describe('JSON of a given shape', () => {
  test('is got by a forced tool where the model can be forced, and is text to the caller', async () => {
    on.fake.answer({ toolUse: { toolUseId: 't', name: 'answer', input } })
    expect(await on.complete(asked())).toMatchObject({
      message: { content: [{ type: 'text', text: '{"actor":"APT29","victims":3}' }] },
      stopReason: 'end',
    })
    expect(body()).toMatchObject({ toolConfig: { toolChoice: { tool: { name: 'answer' } } } })
  })

  test('comes as text in a stream, too', async () => {
    on.fake.answer({ toolUse: { toolUseId: 't', name: 'answer', input } })
    const pieces = await collect(on.stream(asked()))
    expect(pieces.map(({ type }) => type)).toEqual(['text', 'text', 'reply'])
    expect(pieces.at(-1)).toMatchObject({
      reply: {
        message: { content: [{ type: 'text', text: '{"actor":"APT29","victims":3}' }] },
        stopReason: 'end',
      },
    })
  })

  test('that the limit cut keeps its reason to stop', async () => {
    on.fake.answer({ toolUse: { toolUseId: 't', name: 'answer', input }, stopReason: 'max_tokens' })
    expect((await on.complete(asked())).stopReason).toBe('max-tokens')
  })

  test.each([
    ['the model cannot be forced', { model: HAIKU_5_5 }],
    ['the model has other tools to call', { tools }],
    ['it is no object', { schema: z.array(z.object({ victims: z.int() })) }],
  ])('is asked for in words where %s', async (_, more) => {
    await on.complete(asked(more))
    expect(body()).not.toHaveProperty('toolConfig.toolChoice')
    expect(body()['system']).toMatchObject([{ text: expect.stringContaining(words) }])
  })

  test('is the vendor’s own work where it can do it, without what it refuses in a schema', async () => {
    await on.complete(asked({ model: GPT_OSS, tools }))
    expect(body()).not.toHaveProperty('system')
    const { outputConfig } = body() as {
      outputConfig: { textFormat: { structure: { jsonSchema: { schema: string } } } }
    }
    expect(JSON.parse(outputConfig.textFormat.structure.jsonSchema.schema)).toEqual({
      type: 'object',
      properties: { actor: { type: 'string' }, victims: { type: 'integer' } },
      required: ['actor', 'victims'],
      additionalProperties: false,
    })
  })

  test('that the vendor could not hold is asked for in words', async () => {
    await on.complete(asked({ model: GPT_OSS, schema: z.record(z.string(), z.number()) }))
    expect(body()).not.toHaveProperty('outputConfig')
    expect(body()['system']).toBeDefined()
  })
})

describe('a schema for the vendor', () => {
  test('is closed at every level', () => {
    const object = { type: 'object', properties: { a: { type: 'string', minLength: 2, format: 'uuid' } } }
    expect(
      toNativeSchema({
        type: 'object',
        properties: {
          list: { type: 'array', items: object, minItems: 3 },
          either: { anyOf: [object, { type: 'null' }] },
        },
      }),
    ).toEqual({
      type: 'object',
      properties: {
        list: {
          type: 'array',
          items: { type: 'object', properties: { a: { type: 'string', format: 'uuid' } }, additionalProperties: false },
        },
        either: {
          anyOf: [
            { type: 'object', properties: { a: { type: 'string', format: 'uuid' } }, additionalProperties: false },
            { type: 'null' },
          ],
        },
      },
      additionalProperties: false,
    })
  })

  test.each([
    ['an open map', { type: 'object', properties: {}, additionalProperties: { type: 'string' } }],
    ['an object of anything', { type: 'object' }],
    ['a reference', { type: 'object', properties: { a: { $ref: '#' } } }],
    ['a keyword that is not known', { type: 'object', properties: { a: { oneOf: [] } } }],
    ['something else than an object', { type: 'array', items: { type: 'string' } }],
    ['one of these within', { type: 'object', properties: { a: { type: 'array', items: { type: 'object' } } } }],
  ])('is none for %s', (_, given) => {
    expect(toNativeSchema(given)).toBeUndefined()
  })
})
