import { expect, test } from 'vitest'
import { z } from 'zod'
import { LlmResting, LlmThrottled, LlmUnavailable } from '../errors.ts'
import type { TextRequest } from '../llm.ts'
import { collect } from '../testing/collect.ts'
import type { AnswerCache, KeptAnswer } from './answer-cache.ts'
import { createBreakers } from './breaker.ts'
import { createLlm } from './create-llm.ts'
import type { ShadowPair } from './shadow.ts'
import { books } from './testing/ledger.ts'
import { NOVA_LITE, NOVA_MICRO, vendor } from './testing/provider.ts'

const ask = (text: string, more: Partial<TextRequest> = {}): TextRequest => ({
  feature: 'article.summary',
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  ...more,
})

function memoryCache(): AnswerCache & { kept: Map<string, KeptAnswer>; ttls: number[] } {
  const kept = new Map<string, KeptAnswer>()
  const ttls: number[] = []
  return {
    kept,
    ttls,
    find: async (key) => kept.get(key),
    keep: async (key, answer, ttlMs) => {
      kept.set(key, answer)
      ttls.push(ttlMs)
    },
  }
}

test('the same question is answered from the cache for nothing, whole and streamed, until it is asked afresh', async () => {
  const provider = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['Hi.'] }] })
  const answers = memoryCache()
  const ledger = books()
  const llm = createLlm({ providers: [provider], ledger, cache: { answers, ttlMs: 60_000 } })
  expect(await llm.complete(ask('q'))).toMatchObject({ cached: false, text: 'Hi.' })
  expect(await llm.complete(ask('q', { feature: 'other' }))).toMatchObject({ cached: true, text: 'Hi.', costUsd: 0 })
  const events = await collect(llm.stream(ask('q')))
  expect(events).toMatchObject([
    { type: 'text', text: 'Hi.' },
    { type: 'end', answer: { cached: true } },
  ])
  expect(provider.asked).toHaveLength(1)
  expect(answers.ttls).toEqual([60_000])
  await llm.complete(ask('q'), { fresh: true })
  expect(provider.asked).toHaveLength(2)
  expect(ledger.entries).toHaveLength(2)
})

test('a streamed answer is kept, too, and cache points change nothing about an answer', async () => {
  const provider = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['H', 'i.'] }] })
  const llm = createLlm({ providers: [provider], cache: { answers: memoryCache(), ttlMs: 1 } })
  await collect(llm.stream(ask('q')))
  expect(await llm.complete(ask('q'))).toMatchObject({ cached: true, text: 'Hi.' })
  const [message] = ask('q').messages
  const content = [...message!.content, { type: 'cachePoint' as const, ttl: '5m' as const }]
  const pointed = ask('q', { messages: [{ role: 'user', content }], cachePoints: { system: '1h' } })
  expect(await llm.complete(pointed)).toMatchObject({ cached: true })
})

test('whatever an answer depends on is part of the key', async () => {
  const provider = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['{}'] }], [NOVA_LITE.id]: [{ pieces: ['{}'] }] })
  const llm = createLlm({ providers: [provider], cache: { answers: memoryCache(), ttlMs: 1 } })
  const image = (byte: number) => ({ type: 'image' as const, format: 'png' as const, bytes: Uint8Array.of(byte) })
  const different: TextRequest<unknown>[] = [
    ask('q'),
    ask('r'),
    ask('q', { model: NOVA_LITE.id }),
    ask('q', { promptVersion: '2' }),
    ask('q', { system: 's' }),
    ask('q', { maxTokens: 9 }),
    ask('q', { temperature: 0 }),
    ask('q', { topP: 1 }),
    ask('q', { stopSequences: ['x'] }),
    ask('q', { thinking: 'off' }),
    ask('q', { tools: [{ name: 't', description: 'd', input: z.object({}) }] }),
    ask('q', { tools: [{ name: 't', description: 'd', input: z.object({ a: z.string() }) }] }),
    { ...ask('q'), schema: z.object({}) },
    { ...ask('q'), messages: [{ role: 'user', content: [image(1)] }] },
    { ...ask('q'), messages: [{ role: 'user', content: [image(2)] }] },
  ]
  for (const request of different) expect((await llm.complete(request)).cached).toBe(false)
  for (const request of different) expect((await llm.complete(request)).cached).toBe(true)
})

test('cut answers, answers of a fallback and a cache that is ill are not kept', async () => {
  const cut = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['Hi'], stopReason: 'max-tokens' }] })
  const answers = memoryCache()
  await createLlm({ providers: [cut], cache: { answers, ttlMs: 1 } }).complete(ask('q'))
  const falling = vendor('bedrock', {
    [NOVA_MICRO.id]: [{ error: new LlmUnavailable('down') }],
    [NOVA_LITE.id]: [{ pieces: ['x'] }],
  })
  const options = { fallbacks: [`bedrock/${NOVA_LITE.id}`], retries: { attempts: 1 } }
  await createLlm({ providers: [falling], cache: { answers, ttlMs: 1 }, ...options }).complete(ask('q'))
  expect(answers.kept.size).toBe(0)

  const problems: string[] = []
  const ill = { find: () => Promise.reject(new Error('away')), keep: () => Promise.reject(new Error('away')) }
  const llm = createLlm({
    providers: [vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['x'] }] })],
    cache: { answers: ill, ttlMs: 1 },
    onProblem: (_error, what) => problems.push(what),
  })
  expect((await llm.complete(ask('q'))).text).toBe('x')
  expect(problems).toEqual(['the answer cache cannot be read', 'the answer cache cannot be written'])
})

test('a model that keeps failing is left alone, its chain answers at once, and a probe brings it back', async () => {
  let now = new Date('2026-11-21T12:00:00Z')
  const clock = () => now
  const moves = [
    ...Array.from({ length: 5 }, () => ({ error: new LlmUnavailable('down') })),
    { pieces: ['well again'] },
  ]
  const provider = vendor('bedrock', { [NOVA_MICRO.id]: moves, [NOVA_LITE.id]: [{ pieces: ['lite'] }] })
  const breakers = createBreakers({ failures: 5, windowMs: 60_000, restMs: 30_000, clock })
  const retries = { attempts: 5, baseMs: 1, maxMs: 1 }
  const chained = createLlm({ providers: [provider], breakers, clock, retries, fallbacks: [`bedrock/${NOVA_LITE.id}`] })
  expect((await chained.complete(ask('1'))).text).toBe('lite')
  expect((await chained.complete(ask('2'))).text).toBe('lite')
  expect(provider.asked.filter((id) => id === NOVA_MICRO.id)).toHaveLength(5)
  const alone = createLlm({ providers: [provider], breakers, clock, retries })
  await expect(alone.complete(ask('3'))).rejects.toThrow(LlmResting)
  await expect(alone.embed({ texts: ['a'], purpose: 'query' })).rejects.toThrow(LlmResting)
  expect(chained.breakers()).toMatchObject([{ model: `bedrock/${NOVA_MICRO.id}`, state: 'open' }, { state: 'closed' }])
  now = new Date(now.getTime() + 30_001)
  expect((await alone.complete(ask('4'))).text).toBe('well again')
})

test('a call that its budget refuses after the gate does not keep the gate’s only probe', async () => {
  let now = new Date('2026-11-21T12:00:00Z')
  const clock = () => now
  const provider = vendor('bedrock', { [NOVA_MICRO.id]: [{ error: new LlmUnavailable('down') }, { pieces: ['well'] }] })
  const breakers = createBreakers({ failures: 1, restMs: 1_000, probes: 1, clock })
  const ledger = books()
  const llm = createLlm({ providers: [provider], breakers, ledger, clock, retries: { attempts: 1 } })
  await expect(llm.complete(ask('1'))).rejects.toThrow('down')
  now = new Date(now.getTime() + 1_001)
  ledger.forbidden.add(NOVA_MICRO.id)
  await expect(llm.complete(ask('2'))).rejects.toThrow('budget')
  ledger.forbidden.clear()
  expect((await llm.complete(ask('3'))).text).toBe('well')
})

test('what a call takes from the limits is given back: all after a refusal, the unused rest after an answer', async () => {
  const left: (number | undefined)[] = []
  const taken: number[] = []
  const provider = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['x'] }] })
  const ledger = books()
  const llm = createLlm({
    providers: [provider],
    ledger,
    limits: { concurrency: 3 },
    admission: {
      enter: async (model, limits, tokens) => {
        expect([model, limits.concurrency]).toEqual([`bedrock/${NOVA_MICRO.id}`, 3])
        taken.push(tokens)
        return { leave: async (used) => void left.push(used) }
      },
      close: async () => undefined,
    },
  })
  await llm.complete(ask('q'.repeat(400), { maxTokens: 1_000 }))
  ledger.forbidden.add(NOVA_MICRO.id)
  await expect(llm.complete(ask('q'))).rejects.toThrow('budget')
  expect(taken[0]).toBe(1_100)
  expect(left).toEqual([2_000_000, 0])
})

test('the limits of a model’s catalogue entry come before the operator’s usual ones', async () => {
  const provider = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['x'] }] })
  const seen: unknown[] = []
  const llm = createLlm({
    providers: [
      {
        ...provider,
        resolve: (...asked) => {
          const target = provider.resolve(...asked)
          return { ...target, model: { ...target.model!, limits: { requestsPerMinute: 5 } } }
        },
      },
    ],
    limits: { concurrency: 3, requestsPerMinute: 100 },
    admission: {
      enter: async (_model, limits) => {
        seen.push(limits)
        return { leave: async () => undefined }
      },
      close: async () => undefined,
    },
  })
  await llm.complete(ask('q'))
  expect(seen).toEqual([{ concurrency: 3, requestsPerMinute: 5 }])
})

test('a wait for the limits that was too long goes to the fallback, not to another attempt', async () => {
  const provider = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['x'] }], [NOVA_LITE.id]: [{ pieces: ['lite'] }] })
  let entered = 0
  const llm = createLlm({
    providers: [provider],
    fallbacks: [`bedrock/${NOVA_LITE.id}`],
    admission: {
      enter: async (model) => {
        entered++
        if (model.includes('micro')) throw new LlmThrottled('no place', { retryAfterMs: 5 })
        return { leave: async () => undefined }
      },
      close: async () => undefined,
    },
  })
  expect((await llm.complete(ask('q'))).text).toBe('lite')
  expect(entered).toBe(2)
})

test('a shadow answers every request a second time, unseen, and both answers are kept side by side', async () => {
  const pairs: ShadowPair[] = []
  const cloud = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['cloud'] }] })
  const home = vendor(
    'ollama',
    { 'llama3.2': [{ pieces: ['at ', 'home'] }, { error: new LlmUnavailable('off') }] },
    true,
  )
  const store = { keep: async (pair: ShadowPair) => void pairs.push(pair) }
  const ledger = books()
  const retries = { attempts: 1 }
  const llm = createLlm({ providers: [cloud, home], ledger, retries, shadow: { model: 'ollama/llama3.2', store } })
  expect((await llm.complete(ask('q'))).text).toBe('cloud')
  await collect(llm.stream(ask('r', { promptVersion: 'p' })))
  await llm.complete(ask('s', { model: 'ollama/llama3.2' })).catch(() => undefined)
  await llm.close()
  expect(pairs.map((pair) => [pair.first.text, pair.second.text, pair.second.error])).toEqual([
    ['cloud', 'at home', null],
    ['cloud', null, 'LlmUnavailable: off'],
  ])
  expect(pairs[0]?.first).toMatchObject({ provider: 'bedrock', model: NOVA_MICRO.id, costUsd: 0.175, validJson: null })
  expect(pairs[1]).toMatchObject({ promptVersion: 'p', feature: 'article.summary' })
  expect(pairs[1]?.first.firstPieceMs).toBeGreaterThan(0)
  expect(pairs[0]?.requestHash).not.toBe(pairs[1]?.requestHash)
  expect(ledger.entries.filter((entry) => entry.provider === 'ollama')).toHaveLength(3)
})

test('a shadow says when an answer had not the shape that was asked for, and takes its share only', async () => {
  const pairs: ShadowPair[] = []
  const store = { keep: async (pair: ShadowPair) => void pairs.push(pair) }
  const cloud = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['{"a":1}'] }] })
  const home = vendor('ollama', { 'llama3.2': [{ pieces: ['no JSON'] }] }, true)
  const shadow = { model: 'ollama', store }
  const llm = createLlm({ providers: [cloud, home], shadow })
  await llm.complete({ ...ask('q'), schema: z.object({ a: z.number() }) })
  await llm.close()
  expect(pairs[0]).toMatchObject({ first: { validJson: true }, second: { validJson: false, text: 'no JSON' } })
  const never = createLlm({ providers: [cloud, home], shadow: { ...shadow, share: 0 } })
  await never.complete(ask('q'))
  await never.close()
  expect(pairs).toHaveLength(1)
})

test('a shadow leaves out what came from the cache, what the caller cancelled, and what would pile up', async () => {
  const pairs: ShadowPair[] = []
  const store = { keep: async (pair: ShadowPair) => void pairs.push(pair) }
  const cloud = vendor('bedrock', { [NOVA_MICRO.id]: [{ pieces: ['x'] }] })
  const home = vendor('ollama', { 'llama3.2': [{ pieces: ['y'], delayMs: 30 }] }, true)
  const shadow = { model: 'ollama', store, mostPending: 2 }
  const cache = { answers: memoryCache(), ttlMs: 1 }
  const llm = createLlm({ providers: [cloud, home], shadow, cache })
  const named = (feature: string) => ask(feature, { feature })
  const signal = AbortSignal.abort()
  await llm.complete(named('q'))
  await llm.complete(named('q'))
  await llm.complete(named('r'), { signal }).catch(() => undefined)
  await collect(llm.stream(named('s'), { signal })).catch(() => undefined)
  for (const text of ['t', 'u', 'v']) await llm.complete(named(text))
  await llm.close()
  // Comparisons run beside the calls: which of two ends first is not said.
  expect(pairs.map(({ feature }) => feature).toSorted()).toEqual(['q', 't'])
})
