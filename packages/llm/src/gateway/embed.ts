import { v7 as uuidv7 } from 'uuid'
import { mapConcurrently } from '../concurrency.ts'
import { worstCaseOfTexts } from '../cost.ts'
import { LlmError, LlmRefusedRequest } from '../errors.ts'
import type { Llm, Usage } from '../llm.ts'
import { NO_USAGE } from '../provider.ts'
import type { EmbedReply } from '../provider.ts'
import { refuseBlank } from '../texts.ts'
import { estimateTokens } from '../tokens.ts'
import { spentOn, sumUsage } from './answer.ts'
import { tokensOf } from './attempt.ts'
import type { Attempts } from './attempt.ts'
import type { LlmOptions } from './options.ts'
import { retry } from './retry.ts'
import type { RetryOptions } from './retry.ts'
import { route } from './route.ts'

interface Parts {
  attempts: Attempts
  retrying: (signal: AbortSignal | undefined) => RetryOptions
  options: Pick<LlmOptions, 'providers' | 'embedConcurrency'>
}

/**
 * As many vendor calls as the model needs for the texts, one entry in the ledger for all of them.
 * There is no fallback: another model's vectors live in another space.
 */
export function createEmbed({ attempts, retrying, options: { providers, embedConcurrency = 8 } }: Parts): Llm['embed'] {
  return async (request, { signal, accountId = null } = {}) => {
    signal?.throwIfAborted()
    const { texts, feature = 'embed' } = request
    if (texts.length === 0) throw new LlmRefusedRequest('There are no texts to embed.')
    refuseBlank(texts)
    const { provider, target } = route(providers, request.model, 'embedding')
    const attempt = await attempts.open(
      { provider, target },
      {
        requestId: uuidv7(),
        attempt: 1,
        operation: 'embed',
        feature,
        accountId,
        promptVersion: null,
        worstCaseUsd: worstCaseOfTexts(target, texts),
        tier: 'standard',
        signal,
      },
    )
    const size = provider.textsPerCall(target)
    const calls = Array.from({ length: Math.ceil(texts.length / size) }, (_, i) =>
      texts.slice(i * size, i * size + size),
    )
    const replies: EmbedReply[] = []
    /** Something was sent whose bill nobody told us; the vendor's log will. */
    let uncertain = false
    const embedSome = async (some: string[], i: number) => {
      replies[i] = await retry(async () => {
        signal?.throwIfAborted()
        const tokens = some.reduce((sum, text) => sum + estimateTokens(text), 0)
        const place = await attempts.enter({ provider, target }, tokens, signal)
        let usedTokens: number | undefined
        try {
          const reply = await provider.embed({ ...request, texts: some }, target, attempt)
          usedTokens = reply.usage && tokensOf(reply.usage)
          return reply
        } catch (error) {
          uncertain ||= !(error instanceof LlmError) || error.spent !== 'nothing'
          throw error
        } finally {
          await place?.leave(usedTokens)
        }
      }, retrying(signal))
    }
    try {
      await mapConcurrently(calls, embedConcurrency, embedSome)
    } catch (error) {
      await attempt.failed(error, (!uncertain && usageOf(replies)) || 'unknown')
      throw error
    }
    const usage = usageOf(replies)
    await attempt.done(uncertain ? undefined : usage)
    return {
      ...spentOn(target, usage, 'standard', [
        ...new Set([...target.warnings, ...replies.flatMap((reply) => reply.warnings)]),
      ]),
      vectors: replies.flatMap((reply) => reply.vectors),
      space: replies[0]!.space,
    }
  }
}

/** Of the calls that were answered; undefined when one of the answers does not say. */
const usageOf = (replies: EmbedReply[]): Usage | undefined =>
  replies.reduce<Usage | undefined>((sum, { usage }) => sum && usage && sumUsage(sum, usage), NO_USAGE)
