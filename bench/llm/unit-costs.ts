import { createBreakers, createLlm, createMemoryAdmission, worstCaseOf } from '@dayshift/llm'
import type { KeptAnswer } from '@dayshift/llm'
import { createBedrockProvider } from '@dayshift/llm/bedrock'
import { median } from '../measure.ts'
import type { Figure } from '../result.ts'
import { CREDENTIALS, REGION } from './bare.ts'
import type { Bench } from './measures.ts'
import { MODEL, question } from './question.ts'

/** What single parts of the gateway take, with an article of 11,000 characters. */
export async function unitCosts({ quick }: Bench): Promise<Figure[]> {
  const provider = createBedrockProvider({ region: REGION, credentials: CREDENTIALS, modelId: MODEL })
  const target = provider.resolve(MODEL, 'text')
  const breakers = createBreakers()
  const admission = createMemoryAdmission()
  const limits = { concurrency: 10, requestsPerMinute: 10_000_000, tokensPerMinute: 100_000_000_000 }
  const kept = new Map<string, KeptAnswer>()
  const answers = {
    find: async (_key: string): Promise<KeptAnswer | undefined> => answer,
    keep: async (key: string, answer: KeptAnswer) => void kept.set(key, answer),
  }
  const llm = createLlm({ providers: [provider], cache: { answers, ttlMs: 1_000 } })
  const parts: Record<string, () => unknown> = {
    'the worst case of a request': () => worstCaseOf(target, question, 'standard'),
    'the model behind a name': () => provider.resolve(MODEL, 'text'),
    'a breaker, asked and told': () => {
      breakers.allow(MODEL)
      breakers.succeeded(MODEL)
    },
    'a place under limits in this process, taken and left': async () => {
      const place = await admission.enter(MODEL, limits, 3_000, { maxWaitMs: 1_000, leaseMs: 60_000 })
      await place.leave(2_000)
    },
    'an answer given from the cache, its key included': () => llm.complete(question),
  }
  const figures: Figure[] = []
  for (const [name, work] of Object.entries(parts)) {
    const rounds = quick ? 10 : 50
    await round(work, 500)
    const times: number[] = []
    for (let n = 0; n < rounds; n++) times.push(await round(work, 200))
    figures.push({ name: `cost of ${name}`, value: median(times), unit: 'µs', count: rounds * 200 })
  }
  await llm.close()
  await admission.close()
  return figures
}

/** Microseconds for each, over `count` of them one after the other. */
async function round(work: () => unknown, count: number): Promise<number> {
  const start = performance.now()
  for (let n = 0; n < count; n++) {
    const result = work()
    if (result instanceof Promise) await result
  }
  return ((performance.now() - start) / count) * 1_000
}

const answer: KeptAnswer = {
  reply: {
    message: { role: 'assistant', content: [{ type: 'text', text: 'It wrote two files.' }] },
    stopReason: 'end',
    usage: { inputTokens: 2_700, outputTokens: 200, cacheReadTokens: 0, cacheWriteTokens: 0 },
    warnings: [],
  },
  model: MODEL,
  provider: 'bedrock',
}
