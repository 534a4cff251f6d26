import { expect, test } from 'vitest'
import type { Admission } from '../admission/admission.ts'
import { LlmRefusedRequest, LlmThrottled, LlmTimeout, LlmUnavailable } from '../errors.ts'
import { createBreakers } from './breaker.ts'
import { createLlm } from './create-llm.ts'
import type { LlmOptions } from './options.ts'
import { books } from './testing/ledger.ts'
import { USAGE, vendor } from './testing/provider.ts'
import type { Move } from './testing/provider.ts'

const TITAN = 'amazon.titan-embed-text-v2:0'
/** In-region, for a million tokens, by the vendor's price list of 2026-11-21. */
const TITAN_USD_PER_MILLION = 0.02
const texts = ['a', 'bb', 'ccc', 'dddd', 'eeeee']

function open(moves: Move[], more: Pick<LlmOptions, 'admission' | 'breakers'> = {}) {
  const provider = vendor('bedrock', { [TITAN]: moves })
  const ledger = books()
  const retries = { attempts: 3, baseMs: 1, maxMs: 2 }
  return { provider, ledger, llm: createLlm({ providers: [provider], ledger, retries, ...more }) }
}

test('texts go out in calls of the size that the model takes and come back in order, as one entry in the ledger', async () => {
  const { llm, provider, ledger } = open([{}])
  const { vectors, costUsd, usage, space } = await llm.embed({ feature: 'article.embed', texts, purpose: 'document' })
  expect(vectors.map(([length]) => length)).toEqual([1, 2, 3, 4, 5])
  expect(provider.asked).toHaveLength(3)
  expect(usage.inputTokens).toBe(3_000_000)
  expect(costUsd).toBeCloseTo(3 * TITAN_USD_PER_MILLION, 9)
  expect(space.id).toBe(`bedrock:${TITAN}`)
  expect(ledger.entries).toMatchObject([{ operation: 'embed', feature: 'article.embed', outcome: { costUsd } }])
  expect(new Set(provider.callIds)).toEqual(new Set([ledger.entries[0]?.id]))
})

test('a call that fails is made again alone; a failure for good is paid for what was answered', async () => {
  const down = { error: new LlmUnavailable('down') }
  const again = open([{}, down, {}])
  expect((await again.llm.embed({ texts, purpose: 'query' })).vectors).toHaveLength(5)
  expect(again.provider.asked).toHaveLength(4)

  const failing = open([{}, {}, { error: new LlmRefusedRequest('too long') }])
  await expect(failing.llm.embed({ texts, purpose: 'query' })).rejects.toThrow('too long')
  const [entry] = failing.ledger.entries
  expect(entry?.outcome?.result).toBe('LlmRefusedRequest')
  expect(entry?.outcome?.costUsd).toBeCloseTo(2 * TITAN_USD_PER_MILLION, 9)
})

test('after a failure no further call is begun', async () => {
  const provider = vendor('bedrock', { [TITAN]: [{ error: new LlmRefusedRequest('too long') }] })
  const llm = createLlm({ providers: [provider], embedConcurrency: 1 })
  await expect(llm.embed({ texts, purpose: 'query' })).rejects.toThrow('too long')
  expect(provider.asked).toHaveLength(1)
})

test('what was sent beside the call that failed is waited for and paid', async () => {
  const slow = { delayMs: 30 }
  const { llm, ledger } = open([{ error: new LlmRefusedRequest('too long') }, slow, slow])
  await expect(llm.embed({ texts, purpose: 'query' })).rejects.toThrow('too long')
  expect(ledger.entries[0]?.outcome?.costUsd).toBeCloseTo(2 * TITAN_USD_PER_MILLION, 9)
})

test('a call whose bill nobody told leaves the entry open, although the vectors came in the end', async () => {
  const { llm, ledger } = open([{ error: new LlmTimeout('silence') }, {}])
  const { costUsd } = await llm.embed({ texts: ['a'], purpose: 'query' })
  expect(costUsd).toBeCloseTo(TITAN_USD_PER_MILLION, 9)
  expect(ledger.entries[0]?.outcome).toMatchObject({ result: 'ok', usage: 'unknown', costUsd: null })
})

test('a failure after a call whose bill nobody told leaves the entry open', async () => {
  const { llm, ledger } = open([{ error: new LlmTimeout('silence') }, { error: new LlmRefusedRequest('too long') }])
  await expect(llm.embed({ texts: ['a'], purpose: 'query' })).rejects.toThrow('too long')
  expect(ledger.entries[0]?.outcome).toMatchObject({ result: 'LlmRefusedRequest', usage: 'unknown', costUsd: null })
})

test('usage that the vendor does not report is no usage of 0', async () => {
  const { llm } = open([{ usage: undefined }])
  const { costUsd, warnings } = await llm.embed({ texts: ['a'], purpose: 'query' })
  expect(costUsd).toBeNull()
  expect(warnings[0]).toContain('did not report')
})

test('blank texts, and none, are refused before anything is entered', async () => {
  const { llm, ledger } = open([{}])
  await expect(llm.embed({ texts: ['a', ' \n'], purpose: 'query' })).rejects.toThrow('texts[1] is blank')
  await expect(llm.embed({ texts: [], purpose: 'query' })).rejects.toThrow('no texts')
  expect(ledger.entries).toEqual([])
})

test('each vendor call enters by the limits on its own and leaves again, also when it fails', async () => {
  let entered = 0
  const left: (number | undefined)[] = []
  const admission: Admission = {
    enter: async () => {
      entered++
      return { leave: async (used) => void left.push(used) }
    },
    close: async () => undefined,
  }
  const { llm } = open([{}, { error: new LlmUnavailable('down') }, {}], { admission })
  await llm.embed({ texts, purpose: 'document' })
  expect(entered).toBe(4)
  expect(left.filter((used) => used === 1_000_000)).toHaveLength(3)
  expect(left.filter((used) => used === undefined)).toHaveLength(1)
})

test('a wait for the limits that was too long is not begun again, and is no illness of the model', async () => {
  let entered = 0
  const admission: Admission = {
    enter: async () => {
      entered++
      throw new LlmThrottled('no place within 10 ms', { retryAfterMs: 50 })
    },
    close: async () => undefined,
  }
  const breakers = createBreakers({ failures: 1 })
  const { llm, ledger } = open([{ usage: USAGE }], { admission, breakers })
  await expect(llm.embed({ texts: ['a'], purpose: 'query' })).rejects.toMatchObject({
    name: 'LlmThrottled',
    message: 'no place within 10 ms',
    retryAfterMs: 50,
    retryable: false,
  })
  expect(entered).toBe(1)
  expect(breakers.states().filter(({ state }) => state !== 'closed')).toEqual([])
  expect(ledger.entries).toMatchObject([{ outcome: { result: 'LlmThrottled', costUsd: 0 } }])
})
