import { v7 as uuidv7 } from 'uuid'
import type { Llm } from '../llm.ts'
import { createAttempts } from './attempt.ts'
import type { BreakerState } from './breaker.ts'
import { createEmbed } from './embed.ts'
import { createKeptAnswers } from './kept-answers.ts'
import type { LlmOptions } from './options.ts'
import { retry } from './retry.ts'
import type { RetryOptions } from './retry.ts'
import { route } from './route.ts'
import { createShadowing } from './shadowing.ts'
import { createTextCalls } from './text.ts'

export interface GatedLlm extends Llm {
  /** How the models did lately. */
  breakers(): BreakerState[]
  /** Waits for answers that nobody waits for, then closes the providers. */
  close(): Promise<void>
}

/**
 * The one door to the models: names, cache, fallbacks, limits, budgets, retries, prices, shadow. Whatever several providers
 * share is here, once; a provider makes single attempts.
 */
export function createLlm(options: LlmOptions): GatedLlm {
  const { providers, breakers, admission, clock = () => new Date(), onProblem = () => undefined } = options
  const retrying = (signal: AbortSignal | undefined): RetryOptions => ({
    attempts: 4,
    baseMs: 500,
    maxMs: 20_000,
    ...options.retries,
    signal,
  })
  const attempts = createAttempts({ ...options, clock })
  const kept = createKeptAnswers(options.cache, onProblem)
  const text = createTextCalls({ attempts, kept, retrying, options })
  // The second model answers alone: a fallback's answer would be compared in its place.
  const alone = createTextCalls({ attempts, kept, retrying, options: { providers } })
  const shadowing = createShadowing({ shadow: options.shadow, providers, text, alone, clock, onProblem })
  return {
    complete: shadowing.complete,
    stream: shadowing.stream,
    embed: createEmbed({ attempts, retrying, options }),
    countTokens: (request, { signal } = {}) => {
      const { provider, target } = route(providers, request.model, 'text')
      return retry(() => provider.countTokens(request, target, { callId: uuidv7(), signal }), retrying(signal))
    },
    breakers: () => breakers?.states() ?? [],
    close: async () => {
      await shadowing.drain()
      for (const provider of providers) provider.close()
      await admission?.close()
    },
  }
}
