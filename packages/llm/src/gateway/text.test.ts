import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  LlmAnswerInvalid,
  LlmModelNotFound,
  LlmNotAllowed,
  LlmOverBudget,
  LlmPriceUnknown,
  LlmRefusedRequest,
  LlmThrottled,
  LlmTimeout,
  LlmTruncatedStream,
  LlmUnavailable,
} from '../errors.ts'
import type { TextRequest } from '../llm.ts'
import { collect } from '../testing/collect.ts'
import type { Breakers } from './breaker.ts'
import { createLlm } from './create-llm.ts'
import type { LlmOptions } from './options.ts'
import { books } from './testing/ledger.ts'
import { NOVA_LITE, NOVA_MICRO, vendor } from './testing/provider.ts'
import type { Move } from './testing/provider.ts'

const ask = (more: Partial<TextRequest> = {}): TextRequest => ({
  feature: 'article.summary',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'What happened?' }] }],
  ...more,
})
const down = { error: new LlmUnavailable('down') }
const quick = { attempts: 3, baseMs: 1, maxMs: 2 }

function open(moves: Record<string, Move[]>, more: Partial<LlmOptions> = {}) {
  const provider = vendor('bedrock', moves)
  const ledger = books()
  const llm = createLlm({ providers: [provider], ledger, retries: quick, ...more })
  return { provider, ledger, llm }
}

test('an answer has its cost by the price list, and the ledger has the same', async () => {
  const { llm, ledger } = open({ [NOVA_MICRO.id]: [{ pieces: ['Hello.'] }] })
  const answer = await llm.complete(ask({ promptVersion: 'p1' }), { accountId: 'a1' })
  expect(answer).toMatchObject({
    text: 'Hello.',
    model: NOVA_MICRO.id,
    provider: 'bedrock',
    cached: false,
    warnings: [],
  })
  expect(answer.costUsd).toBeCloseTo(NOVA_MICRO.usdPerMillionBoth, 9)
  expect(answer.message).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'Hello.' }] })
  expect(ledger.entries).toHaveLength(1)
  expect(ledger.entries[0]).toMatchObject({
    feature: 'article.summary',
    accountId: 'a1',
    promptVersion: 'p1',
    attempt: 1,
    operation: 'complete',
    provider: 'bedrock',
    model: NOVA_MICRO.id,
    scope: 'region',
    tier: 'standard',
    outcome: { result: 'ok', costUsd: answer.costUsd },
  })
})

test('what is set aside covers the longest answer that is allowed and never less than the input', async () => {
  const { llm, ledger } = open({ [NOVA_MICRO.id]: [{ pieces: ['x'], usage: undefined }] })
  const { costUsd, warnings } = await llm.complete(ask({ maxTokens: 10_000, system: 's'.repeat(4_000) }))
  // 10,000 tokens out at $0.14 and at least 1,000 tokens in at $0.035 a million.
  expect(ledger.entries[0]?.worstCaseUsd).toBeGreaterThan(0.0014 + 0.000035)
  expect(ledger.entries[0]?.worstCaseUsd).toBeLessThan(0.0016)
  expect(costUsd).toBeNull()
  expect(warnings[0]).toContain('did not report the usage')
  expect(ledger.entries[0]?.outcome).toMatchObject({ usage: 'unknown', costUsd: null })
})

test('every attempt has an entry of its own; what the vendor answered with an error costs nothing', async () => {
  const { llm, ledger, provider } = open({
    [NOVA_MICRO.id]: [down, { error: new LlmThrottled('slow') }, { pieces: ['x'] }],
  })
  await llm.complete(ask())
  expect(provider.callIds).toEqual(ledger.entries.map((entry) => entry.id))
  expect(ledger.entries.map((entry) => [entry.attempt, entry.outcome?.result, entry.outcome?.costUsd])).toEqual([
    [1, 'LlmUnavailable', 0],
    [2, 'LlmThrottled', 0],
    [3, 'ok', expect.closeTo(NOVA_MICRO.usdPerMillionBoth, 9)],
  ])
  expect(new Set(ledger.entries.map((entry) => entry.requestId)).size).toBe(1)
})

test('an error that no retry helps is the caller’s at once', async () => {
  const { llm, provider } = open({ [NOVA_MICRO.id]: [{ error: new LlmRefusedRequest('too many tools') }] })
  await expect(llm.complete(ask())).rejects.toThrow('too many tools')
  expect(provider.asked).toHaveLength(1)
})

test('when a model fails the chain is asked in order, and the answer says who gave it and why', async () => {
  const { llm, provider } = open(
    { [NOVA_MICRO.id]: [down], [NOVA_LITE.id]: [{ pieces: ['from lite'] }] },
    { fallbacks: [`bedrock/${NOVA_MICRO.id}`, `bedrock/${NOVA_LITE.id}`] },
  )
  const answer = await llm.complete(ask())
  expect(answer).toMatchObject({ text: 'from lite', model: NOVA_LITE.id })
  expect(answer.warnings[0]).toMatch(/nova-micro.*did not answer \(down\).*nova-lite/)
  expect(provider.asked).toEqual([NOVA_MICRO.id, NOVA_MICRO.id, NOVA_MICRO.id, NOVA_LITE.id])
  const streamed = await collect(llm.stream(ask()))
  expect(streamed.at(-1)).toMatchObject({ answer: { model: NOVA_LITE.id } })
})

test('a chain may end in another provider; when all fail the first error is thrown', async () => {
  const home = vendor('ollama', { 'llama3.2': [{ error: new LlmNotAllowed('no') }] }, true)
  const { llm } = open({ [NOVA_MICRO.id]: [down] }, {})
  await expect(llm.complete(ask())).rejects.toBe(down.error)
  const both = createLlm({
    providers: [vendor('bedrock', { [NOVA_MICRO.id]: [down] }), home],
    fallbacks: ['ollama'],
    retries: quick,
  })
  await expect(both.complete(ask())).rejects.toBe(down.error)
  expect(home.asked).toEqual(['llama3.2'])
})

test.each([
  new LlmThrottled('slow'),
  new LlmTimeout('silence'),
  new LlmTruncatedStream('cut'),
  new LlmNotAllowed('no access'),
  new LlmModelNotFound('over'),
])('another model is asked after %s', async (error) => {
  const { llm } = open(
    { [NOVA_MICRO.id]: [{ error }], [NOVA_LITE.id]: [{ pieces: ['lite'] }] },
    { fallbacks: [`bedrock/${NOVA_LITE.id}`] },
  )
  expect((await llm.complete(ask())).text).toBe('lite')
})

test('a request that is wrong is not taken to another model', async () => {
  const { llm, provider } = open(
    { [NOVA_MICRO.id]: [{ error: new LlmRefusedRequest('wrong') }], [NOVA_LITE.id]: [{ pieces: ['x'] }] },
    { fallbacks: [`bedrock/${NOVA_LITE.id}`] },
  )
  await expect(llm.complete(ask())).rejects.toThrow('wrong')
  expect(provider.asked).toEqual([NOVA_MICRO.id])
})

test('over budget nothing is sent: a typed error, or the ladder where there is one', async () => {
  const moves = { [NOVA_LITE.id]: [{ pieces: ['lite'] }], [NOVA_MICRO.id]: [{ pieces: ['micro'] }] }
  const { llm, ledger, provider } = open(moves)
  ledger.forbidden.add(NOVA_LITE.id)
  const refused = llm.complete(ask())
  await expect(refused).rejects.toThrow(LlmOverBudget)
  await expect(refused).rejects.toThrow(/all, per day.*\$1 .*2026-11-22/)
  expect(provider.asked).toEqual([])

  const ladder = [`bedrock/${NOVA_LITE.id}`, `bedrock/${NOVA_MICRO.id}`]
  const degrading = open(moves, { overBudget: ladder })
  degrading.ledger.forbidden.add(NOVA_LITE.id)
  expect(await degrading.llm.complete(ask())).toMatchObject({ text: 'micro', model: NOVA_MICRO.id })
  expect(degrading.provider.asked).toEqual([NOVA_MICRO.id])
  degrading.ledger.forbidden.add(NOVA_MICRO.id)
  await expect(degrading.llm.complete(ask())).rejects.toThrow(LlmOverBudget)
})

test('a free model needs no budget and is entered once, afterwards', async () => {
  const ledger = books()
  ledger.forbidden.add('llama3.2')
  const llm = createLlm({ providers: [vendor('ollama', { 'llama3.2': [{ pieces: ['x'] }] }, true)], ledger })
  expect(await llm.complete(ask())).toMatchObject({ costUsd: 0, provider: 'ollama' })
  expect(ledger.entries).toMatchObject([{ recorded: true, worstCaseUsd: 0, outcome: { costUsd: 0 } }])
})

test('an unknown price is null with a warning; strict, it is an error before anything is sent', async () => {
  const moves = { 'vendor.new-model': [{ pieces: ['x'] }] }
  const { llm, ledger } = open(moves)
  const answer = await llm.complete(ask())
  expect(answer.costUsd).toBeNull()
  expect(answer.warnings[0]).toContain('no price of vendor.new-model')
  expect(ledger.entries[0]).toMatchObject({ worstCaseUsd: null, outcome: { costUsd: null } })
  const strict = open(moves, { strictPrices: true })
  await expect(strict.llm.complete(ask())).rejects.toThrow(LlmPriceUnknown)
  await expect(strict.llm.embed({ texts: ['a'], purpose: 'query' })).rejects.toThrow(LlmPriceUnknown)
  expect(strict.provider.asked).toEqual([])
})

test('a stream that broke before its first piece is begun again; after it the error is the caller’s', async () => {
  const cut = new LlmTruncatedStream('cut')
  const again = open({ [NOVA_MICRO.id]: [{ error: cut }, { pieces: ['a', 'b'] }] })
  expect((await collect(again.llm.stream(ask()))).map((event) => event.type)).toEqual(['text', 'text', 'end'])
  expect(again.ledger.entries.map((entry) => [entry.outcome?.result, entry.outcome?.usage === 'unknown'])).toEqual([
    ['LlmTruncatedStream', true],
    ['ok', false],
  ])
  expect(again.ledger.entries[1]?.outcome?.firstPieceMs).toBeGreaterThan(0)

  const late = open({ [NOVA_MICRO.id]: [{ pieces: ['a'], error: cut }] }, { fallbacks: [`bedrock/${NOVA_LITE.id}`] })
  const seen: string[] = []
  const reading = (async () => {
    for await (const event of late.llm.stream(ask())) if (event.type === 'text') seen.push(event.text)
  })()
  await expect(reading).rejects.toBe(cut)
  expect(seen).toEqual(['a'])
  expect(late.provider.asked).toHaveLength(1)
})

test('whoever leaves a stream ends the call upstream, and its bill is left open', async () => {
  const { llm, provider, ledger } = open({ [NOVA_MICRO.id]: [{ pieces: ['a', 'b'] }] })
  for await (const event of llm.stream(ask())) if (event.type === 'text') break
  expect(provider.left).toBe(1)
  expect(ledger.entries).toMatchObject([{ outcome: { result: 'cancelled', usage: 'unknown', costUsd: null } }])
})

test('the breaker hears once of each attempt, however it ends', async () => {
  const heard: string[] = []
  const breakers: Breakers = {
    allow: () => ({ probe: true }),
    succeeded: () => void heard.push('succeeded'),
    failed: () => void heard.push('failed'),
    cancelled: () => void heard.push('cancelled'),
    states: () => [],
  }
  const moves = [{ pieces: ['Whole.'] }, { pieces: ['no JSON'] }, { pieces: ['a', 'b'], delayMs: 5 }, down]
  const { llm } = open({ [NOVA_MICRO.id]: moves }, { breakers, retries: { attempts: 1 } })
  await collect(llm.stream(ask()))
  await expect(collect(llm.stream({ ...ask(), schema: z.object({ a: z.string() }) }))).rejects.toThrow(LlmAnswerInvalid)
  for await (const _event of llm.stream(ask())) break
  await expect(collect(llm.stream(ask()))).rejects.toThrow('down')
  expect(heard).toEqual(['succeeded', 'succeeded', 'cancelled', 'failed'])
})

test('what is cancelled before it is sent is not sent', async () => {
  const { llm, provider, ledger } = open({ [NOVA_MICRO.id]: [{ pieces: ['a'] }] })
  const signal = AbortSignal.abort(new Error('never mind'))
  await expect(llm.complete(ask(), { signal })).rejects.toThrow('never mind')
  await expect(collect(llm.stream(ask(), { signal }))).rejects.toThrow('never mind')
  await expect(llm.embed({ texts: ['a'], purpose: 'query' }, { signal })).rejects.toThrow('never mind')
  expect([provider.asked, ledger.entries]).toEqual([[], []])
})

test('the operator’s tier holds for requests that name none, where the model has it', async () => {
  const NOVA_2 = 'amazon.nova-2-lite-v1:0'
  const moves = { [NOVA_2]: [{ pieces: ['x'] }], [NOVA_MICRO.id]: [{ pieces: ['x'] }] }
  const { llm, ledger, provider } = open(moves, { tier: 'flex' })
  for (const more of [{}, { tier: 'standard' as const }, { model: NOVA_MICRO.id }]) await llm.complete(ask(more))
  expect(ledger.entries.map(({ tier }) => tier)).toEqual(['flex', 'standard', 'standard'])
  expect(provider.requests.map(({ tier }) => tier)).toEqual(['flex', 'standard', 'flex'])
})

test('the time to the first piece is that of the first piece', async () => {
  const { llm, ledger } = open({ [NOVA_MICRO.id]: [{ pieces: ['a', 'b', 'c', 'd'], delayMs: 20 }] })
  await collect(llm.stream(ask()))
  const { firstPieceMs, tookMs } = ledger.entries[0]!.outcome!
  expect(tookMs - firstPieceMs!).toBeGreaterThan(50)
})

test('an answer that calls a tool need not have the shape of the last one', async () => {
  const content = [{ type: 'toolUse' as const, id: 't1', name: 'look', input: {} }]
  const { llm, provider } = open({ [NOVA_MICRO.id]: [{ content, stopReason: 'tool-use' }] })
  expect((await llm.complete({ ...ask(), schema: z.object({ a: z.string() }) })).toolCalls).toHaveLength(1)
  expect(provider.asked).toHaveLength(1)
})

test('cancelling ends whole answers and streams with the caller’s own reason, without another attempt', async () => {
  for (const way of ['complete', 'stream'] as const) {
    const { llm, provider, ledger } = open({ [NOVA_MICRO.id]: [{ pieces: ['a'], delayMs: 10_000 }] })
    const abort = new AbortController()
    const work = way === 'complete' ? llm.complete(ask(), abort) : collect(llm.stream(ask(), abort))
    setTimeout(() => abort.abort(new Error('enough')), 20)
    await expect(work).rejects.toThrow('enough')
    expect(provider.asked).toHaveLength(1)
    expect(ledger.entries).toMatchObject([{ outcome: { result: 'cancelled', usage: 'unknown' } }])
  }
})

test('JSON of the wrong shape goes back once with what is wrong, and both calls are paid', async () => {
  const schema = z.object({ severity: z.enum(['low', 'high']) })
  const wrong = { pieces: ['{"severity":"very high"}'] }
  const { llm, provider, ledger } = open({
    [NOVA_MICRO.id]: [wrong, { pieces: ['```json\n{"severity":"high"}\n```'] }],
  })
  const answer = await llm.complete({ ...ask(), schema })
  expect(answer.json).toEqual({ severity: 'high' })
  expect(answer.costUsd).toBeCloseTo(2 * NOVA_MICRO.usdPerMillionBoth, 9)
  expect(answer.warnings).toContain('The first answer was not the JSON that was asked for.')
  expect(provider.requests[1]?.messages).toMatchObject([
    { role: 'user' },
    { role: 'assistant', content: [{ text: '{"severity":"very high"}' }] },
    { role: 'user', content: [{ text: expect.stringContaining('severity') as string }] },
  ])
  expect(ledger.entries).toHaveLength(2)

  const never = open({ [NOVA_MICRO.id]: [wrong] })
  await expect(never.llm.complete({ ...ask(), schema })).rejects.toThrow(LlmAnswerInvalid)
  expect(never.provider.asked).toHaveLength(2)
  const cut = open({ [NOVA_MICRO.id]: [{ pieces: ['{"seve'], stopReason: 'max-tokens' }] })
  await expect(cut.llm.complete({ ...ask(), schema })).rejects.toThrow('max-tokens')
  expect(cut.provider.asked).toHaveLength(1)
})

test('thinking and tool calls stand in the answer and in the message that goes back', async () => {
  const content = [
    { type: 'thinking', text: 'Hm.', signature: 's' },
    { type: 'text', text: 'Let me look.' },
    { type: 'toolUse', id: 't1', name: 'look', input: { q: 1 } },
  ] as const
  const { llm } = open({ [NOVA_MICRO.id]: [{ content: [...content], stopReason: 'tool-use' }] })
  expect(await llm.complete(ask())).toMatchObject({
    text: 'Let me look.',
    thinking: 'Hm.',
    toolCalls: [{ id: 't1', name: 'look', input: { q: 1 } }],
    message: { role: 'assistant', content },
  })
})

test('names choose a provider and a model; an operator’s list must name a provider', async () => {
  const home = vendor('ollama', { 'llama3.2': [{ pieces: ['home'] }], 'library/x:7b': [{ pieces: ['x'] }] }, true)
  const cloud = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['cloud'] }] })
  const llm = createLlm({ providers: [cloud, home] })
  const text = async (model?: string) => (await llm.complete(ask({ model }))).text
  expect([await text(), await text('bedrock'), await text('ollama'), await text('ollama/library/x:7b')]).toEqual([
    'cloud',
    'cloud',
    'home',
    'x',
  ])
  await expect(createLlm({ providers: [cloud] }).complete(ask({ model: 'ollama/llama3.2' }))).rejects.toThrow(
    'the provider ollama is not open here',
  )
  expect(() => createLlm({ providers: [cloud], fallbacks: ['nova'] })).toThrow(LlmModelNotFound)
})
