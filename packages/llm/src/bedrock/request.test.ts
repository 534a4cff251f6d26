import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Message, Part, TextRequest } from '../llm.ts'
import { ask, startAgainstFake } from '../testing/bedrock-against-fake.ts'
import type { AgainstFake } from '../testing/bedrock-against-fake.ts'

const NOVA = 'amazon.nova-lite-v1:0'
const HAIKU_4_5 = 'anthropic.claude-haiku-4-5-20251001-v1:0'
const HAIKU_5_5 = 'anthropic.claude-haiku-5-5'
const NOVA_2 = 'amazon.nova-2-lite-v1:0'
const GPT_OSS = 'openai.gpt-oss-20b-1:0'
const LLAMA = 'meta.llama3-3-70b-instruct-v1:0'
const tool = { name: 'lookup', description: 'Looks a domain up.', input: z.object({ domain: z.string() }) }

let on: AgainstFake
beforeAll(async () => {
  on = await startAgainstFake()
})
afterEach(() => void (on.fake.requests.length = 0))
afterAll(() => on.close())

/** What reaches Bedrock, whose fake refuses what the real one would. */
async function sent(more: Partial<TextRequest<unknown>>) {
  const { warnings } = await on.complete(ask(more))
  return { body: on.fake.requests.at(-1)!.body as Record<string, unknown>, warnings }
}

const refused = async (more: Partial<TextRequest<unknown>>): Promise<string> => {
  const error = await on.complete(ask(more)).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'LlmRefusedRequest', spent: 'nothing' })
  expect(on.fake.requests).toHaveLength(0)
  return (error as Error).message
}

describe('maxTokens', () => {
  test('is always sent, because Bedrock reserves it against the quota', async () => {
    expect(await sent({})).toMatchObject({ body: { inferenceConfig: { maxTokens: 2_048 } }, warnings: [] })
  })

  test('is lowered to what the model gives, with a warning', async () => {
    expect(await sent({ maxTokens: 50_000 })).toMatchObject({
      body: { inferenceConfig: { maxTokens: 10_000 } },
      warnings: ['maxTokens 50000 became 10000, the most that Nova Lite gives.'],
    })
  })
})

describe('a parameter', () => {
  test.each<[string, Partial<TextRequest>, object]>([
    ['temperature', { temperature: 0 }, { temperature: 0 }],
    ['topP', { topP: 0 }, { topP: 0 }],
    ['both, where both are taken', { temperature: 0.2, topP: 0.9 }, { temperature: 0.2, topP: 0.9 }],
    ['stop sequences', { stopSequences: ['a', 'b', 'c', 'd'] }, { stopSequences: ['a', 'b', 'c', 'd'] }],
  ])('is sent as it is: %s', async (_, more, config) => {
    const { body, warnings } = await sent(more)
    expect(body['inferenceConfig']).toEqual({ maxTokens: 2_048, ...config })
    expect(warnings).toEqual([])
  })

  test.each<[string, Partial<TextRequest>, string[]]>([
    [
      HAIKU_5_5,
      { temperature: 0, topP: 0, topK: 0 },
      [
        'Claude Haiku 5.5 takes no temperature: 0 was left out.',
        'Claude Haiku 5.5 takes no topP: 0 was left out.',
        'Claude Haiku 5.5 is not known to take topK: 0 was left out.',
      ],
    ],
    [GPT_OSS, { stopSequences: ['END'] }, ['gpt-oss 20B takes 0 stop sequences: 1 were left out.']],
    [
      LLAMA,
      { topK: 40, thinking: 'low' },
      [
        'Llama 3.3 70B does not think on demand: "low" was left out.',
        'Llama 3.3 70B is not known to take topK: 40 was left out.',
      ],
    ],
    [NOVA, { thinking: 'off' }, []],
    [
      NOVA,
      { tier: 'flex' },
      ['No price of Nova Lite in the tier "flex" is known: it was asked at the standard price.'],
    ],
  ])('that %s refuses is left out, and each is said: %j', async (model, more, said) => {
    const { body, warnings } = await sent({ model, ...more })
    expect(body['inferenceConfig']).toEqual({ maxTokens: 2_048 })
    for (const field of ['additionalModelRequestFields', 'outputConfig', 'serviceTier']) {
      expect(body).not.toHaveProperty(field)
    }
    expect(warnings.toSorted()).toEqual(said.toSorted())
  })

  test('that excludes another wins when it is the temperature, even 0', async () => {
    const { body, warnings } = await sent({ model: HAIKU_4_5, temperature: 0, topP: 0.9 })
    expect(body['inferenceConfig']).toEqual({ maxTokens: 2_048, temperature: 0 })
    expect(warnings).toEqual(['Claude Haiku 4.5 takes a temperature or topP: topP 0.9 was left out.'])
    expect((await sent({ model: HAIKU_4_5, topP: 0.9 })).body['inferenceConfig']).toMatchObject({ topP: 0.9 })
  })

  test('out of range is moved to its end', async () => {
    const { body, warnings } = await sent({ temperature: 1.5, topP: -1 })
    expect(body['inferenceConfig']).toMatchObject({ temperature: 1, topP: 0 })
    expect(warnings).toHaveLength(2)
  })

  test('of which there are too many, or that is blank, is left out', async () => {
    const { body, warnings } = await sent({ stopSequences: ['a', '\n', 'b', 'c', 'd', 'e'] })
    expect(body['inferenceConfig']).toMatchObject({ stopSequences: ['a', 'b', 'c', 'd'] })
    expect(warnings).toEqual([
      'Stop sequences without a visible character were left out.',
      'Nova Lite takes 4 stop sequences: 1 were left out.',
    ])
  })

  test('top_k stands where the family has it', async () => {
    expect((await sent({ model: HAIKU_4_5, topK: 0 })).body).toMatchObject({
      additionalModelRequestFields: { top_k: 0 },
    })
    expect((await sent({ model: NOVA, topK: 20 })).body).toMatchObject({
      additionalModelRequestFields: { inferenceConfig: { topK: 20 } },
    })
  })

  test('thinking is an effort, or off', async () => {
    expect((await sent({ model: HAIKU_5_5, thinking: 'low' })).body).toMatchObject({ outputConfig: { effort: 'low' } })
    const { body } = await sent({ model: HAIKU_5_5, thinking: 'off' })
    expect(body).toMatchObject({ additionalModelRequestFields: { thinking: { type: 'disabled' } } })
    expect(body).not.toHaveProperty('outputConfig')
  })

  test('a tier is sent where it has a price', async () => {
    expect((await sent({ model: NOVA_2, tier: 'flex' })).body).toMatchObject({ serviceTier: { type: 'flex' } })
    expect((await sent({ model: NOVA_2, tier: 'standard' })).body).not.toHaveProperty('serviceTier')
  })
})

describe('tools', () => {
  const choice = async (toolChoice: TextRequest['toolChoice'], model = NOVA) =>
    (await sent({ model, tools: [tool], toolChoice })).body['toolConfig']

  test('are called as the model likes, must be, or one must be', async () => {
    expect(await choice('auto')).not.toHaveProperty('toolChoice')
    expect(await choice('required')).toMatchObject({ toolChoice: { any: {} } })
    expect(await choice({ tool: 'lookup' })).toMatchObject({ toolChoice: { tool: { name: 'lookup' } } })
  })

  test('cannot be forced on every model', async () => {
    const { body, warnings } = await sent({ model: HAIKU_5_5, tools: [tool], toolChoice: 'required' })
    expect(body['toolConfig']).not.toHaveProperty('toolChoice')
    expect(warnings).toEqual(['Claude Haiku 5.5 cannot be made to call a tool: it may answer without.'])
  })

  test('that are to be called and are not there are refused', async () => {
    expect(await refused({ tools: [tool], toolChoice: { tool: 'other' } })).toContain('"other"')
  })
})

describe('messages', () => {
  const bytes = Buffer.from('bytes')

  test('are sent with images, documents and tool results in the form that Bedrock takes', async () => {
    const { body } = await sent({
      tools: [tool],
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
    expect(body['messages']).toMatchObject([
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
    ])
  })

  const answered = (...content: Part[]): Message[] => [
    { role: 'user', content: [{ type: 'text', text: 'a' }] },
    { role: 'assistant', content },
    { role: 'user', content: [{ type: 'text', text: 'b' }] },
  ]
  const thoughts: Part[] = [
    { type: 'thinking', text: 'unsigned' },
    { type: 'thinking', text: 'Hm.', signature: 's' },
    { type: 'thinking', text: '', redacted: bytes },
    { type: 'text', text: 'c' },
  ]

  test('give signed thoughts back to a model that thinks, and to no other', async () => {
    const thinking = (await sent({ model: HAIKU_5_5, messages: answered(...thoughts) })).body['messages']
    expect(thinking).toMatchObject([
      {},
      {
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm.', signature: 's' } } },
          { reasoningContent: { redactedContent: 'Ynl0ZXM=' } },
          { text: 'c' },
        ],
      },
      {},
    ])
    const other = await sent({ model: NOVA, messages: answered(...thoughts) })
    expect(other.body['messages']).toMatchObject([{}, { content: [{ text: 'c' }] }, {}])
    expect(other.warnings).toEqual([])
  })

  test.each<[string, string, Part, string]>([
    ['pictures', 'amazon.nova-micro-v1:0', { type: 'image', format: 'png', bytes }, 'Nova Micro takes no pictures.'],
    ['documents', GPT_OSS, { type: 'document', format: 'pdf', bytes }, 'gpt-oss 20B takes no documents.'],
    ['a document without a text', NOVA, { type: 'document', format: 'pdf', bytes }, 'must come with a text'],
  ])('with %s that the model does not take are refused before they are sent', async (_, model, part, words) => {
    expect(await refused({ model, messages: [{ role: 'user', content: [part] }] })).toContain(words)
  })

  test('that begin an answer are refused where the model does not go on', async () => {
    const messages = answered({ type: 'text', text: 'c' }).slice(0, 2)
    expect(await refused({ model: HAIKU_5_5, messages })).toContain('the last message must be the user')
    expect((await sent({ model: HAIKU_4_5, messages })).warnings).toEqual([])
  })

  test('without the user’s word are refused', async () => {
    expect(await refused({ messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] })).toContain('begins')
  })
})

describe('cache points', () => {
  const point = (ttl: '5m' | '1h'): Part => ({ type: 'cachePoint', ttl })
  const say = (...parts: Part[]): Message[] => [{ role: 'user', content: [{ type: 'text', text: 'a' }, ...parts] }]
  const places = async (more: Partial<TextRequest>) => {
    const { body, warnings } = await sent(more)
    return { points: pointsOf(body), warnings }
  }

  test('stand after tools, system text and messages', async () => {
    const cachePoints = { tools: '1h', system: '1h' } as const
    const messages = say(point('5m'))
    expect(await places({ model: HAIKU_4_5, system: 'Be short.', tools: [tool], cachePoints, messages })).toEqual({
      points: ['tools 1: 1h', 'system 1: 1h', 'messages 1: 5m'],
      warnings: [],
    })
  })

  test.each<[string, Partial<TextRequest>, string[], string]>([
    [
      'a model without them',
      { model: LLAMA, messages: say(point('5m')) },
      [],
      'Llama 3.3 70B is not known to take cache points: they were left out.',
    ],
    [
      'a model that keeps no tools',
      { model: NOVA, tools: [tool], cachePoints: { tools: '5m' }, messages: say(point('5m')) },
      ['messages 1: 5m'],
      'Nova Lite takes no cache point after tools: it was left out.',
    ],
    [
      'a model that keeps nothing for an hour',
      { model: NOVA, messages: say(point('1h')) },
      ['messages 1: 5m'],
      'Nova Lite keeps a part of the prompt for five minutes instead of an hour.',
    ],
    [
      'an hour after five minutes',
      { model: HAIKU_4_5, system: 'a', cachePoints: { system: '5m' }, messages: say(point('1h')) },
      ['system 1: 5m', 'messages 1: 5m'],
      'Claude Haiku 4.5 keeps a part of the prompt for five minutes instead of an hour.',
    ],
    [
      'a fifth',
      { model: HAIKU_4_5, messages: say(point('1h'), point('1h'), point('5m'), point('5m'), point('5m')) },
      ['messages 1: 1h', 'messages 2: 1h', 'messages 3: 5m', 'messages 4: 5m'],
      'Claude Haiku 4.5 takes 4 cache points: the later ones were left out.',
    ],
  ])('are left out or shortened for %s, and that is said once', async (_, more, points, warning) => {
    expect(await places(more)).toEqual({ points, warnings: [warning] })
  })

  test('before everything else mean nothing', async () => {
    const messages: Message[] = [{ role: 'user', content: [point('5m'), { type: 'text', text: 'a' }] }]
    expect(await places({ messages })).toEqual({ points: [], warnings: [] })
  })
})

interface Block {
  cachePoint?: { type: 'default'; ttl?: string }
}

/** Where each point stands, and for how long it holds. */
function pointsOf(body: Record<string, unknown>): string[] {
  const { toolConfig, system, messages } = body as {
    toolConfig?: { tools: Block[] }
    system?: Block[]
    messages: { content: Block[] }[]
  }
  const lists: [string, Block[]][] = [
    ['tools', toolConfig?.tools ?? []],
    ['system', system ?? []],
    ...messages.map(({ content }): [string, Block[]] => ['messages', content]),
  ]
  return lists.flatMap(([where, blocks]) =>
    blocks.flatMap(({ cachePoint }, i) => (cachePoint ? [`${where} ${i}: ${cachePoint.ttl ?? '5m'}`] : [])),
  )
}
