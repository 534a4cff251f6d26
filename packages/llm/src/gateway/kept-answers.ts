import type { Answer, CallOptions, TextRequest } from '../llm.ts'
import { spentOn, toAnswer } from './answer.ts'
import { answerKey } from './cache-key.ts'
import type { Chain } from './chain.ts'
import type { LlmOptions } from './options.ts'
import type { Stop } from './route.ts'

export interface KeptAnswers {
  /** The answer that this model gave before, at no cost now; its usage is the usage of then. */
  find<T>(stop: Stop, request: TextRequest<T>, options: CallOptions): Promise<Answer<T> | undefined>
  keep(chain: Chain, request: TextRequest<unknown>, answer: Answer<unknown>): Promise<void>
}

const WHOLE = new Set(['end', 'stop-sequence', 'tool-use'])

/** The response cache. A cache that is ill is no reason not to answer. */
export function createKeptAnswers(
  cache: LlmOptions['cache'],
  onProblem: NonNullable<LlmOptions['onProblem']>,
): KeptAnswers {
  const orNothing = async <T>(work: Promise<T>, what: string): Promise<T | undefined> => {
    try {
      return await work
    } catch (error) {
      onProblem(error, what)
      return undefined
    }
  }
  return {
    find: async ({ target }, request, { fresh }) => {
      if (!cache || fresh || target.free) return undefined
      const found = await orNothing(cache.answers.find(answerKey(target, request)), 'the answer cache cannot be read')
      if (!found) return undefined
      const { reply, model, provider } = found
      const { usage } = spentOn(target, reply.usage, 'standard', [])
      return toAnswer(request, reply, { usage, costUsd: 0, model, provider, warnings: target.warnings }, true)
    },
    keep: async ({ stop: { target }, notes }, request, { message, stopReason, usage, model, provider }) => {
      // An answer of a fallback is not what the first model would say.
      if (!cache || target.free || notes.length > 0 || !WHOLE.has(stopReason)) return
      const answer = { reply: { message, stopReason, usage, warnings: [] }, model, provider }
      await orNothing(
        cache.answers.keep(answerKey(target, request), answer, cache.ttlMs),
        'the answer cache cannot be written',
      )
    },
  }
}
