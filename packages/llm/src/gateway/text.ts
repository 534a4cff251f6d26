import { v7 as uuidv7 } from 'uuid'
import { maxTokensOf, tierOn, worstCaseOf } from '../cost.ts'
import { LlmTruncatedStream } from '../errors.ts'
import type { Answer, CallOptions, Llm, StreamEvent, TextRequest } from '../llm.ts'
import type { Piece, Reply } from '../provider.ts'
import { LAST, relay } from '../relay.ts'
import { estimateRequestTokens } from '../tokens.ts'
import { spentOn, sumUsage, toAnswer } from './answer.ts'
import { CallerLeft } from './attempt.ts'
import type { AttemptPlan, Attempts } from './attempt.ts'
import { begin, startedBy } from './begun.ts'
import type { Begun } from './begun.ts'
import { createChain } from './chain.ts'
import type { Chain } from './chain.ts'
import type { KeptAnswers } from './kept-answers.ts'
import type { LlmOptions } from './options.ts'
import { repairRequest } from './repair.ts'
import { retry } from './retry.ts'
import type { RetryOptions } from './retry.ts'
import { route, routeAll } from './route.ts'
import type { Stop } from './route.ts'

interface Parts {
  attempts: Attempts
  kept: KeptAnswers
  retrying: (signal: AbortSignal | undefined) => RetryOptions
  options: Pick<LlmOptions, 'providers' | 'fallbacks' | 'overBudget' | 'tier'>
}

/** One request, and how often anybody was asked for it. */
interface Call<T> extends Pick<CallOptions, 'signal' | 'accountId'> {
  request: TextRequest<T>
  requestId: string
  operation: 'complete' | 'stream'
  attempts: number
}

/** Answers whole and in pieces, from the cache or from the first model of the chain that gives one. */
export function createTextCalls({ attempts, kept, retrying, options }: Parts): Pick<Llm, 'complete' | 'stream'> {
  const { providers } = options
  const fallbacks = routeAll(providers, options.fallbacks ?? [])
  const ladder = routeAll(providers, options.overBudget ?? [])

  const newCall = <T>(
    request: TextRequest<T>,
    { signal, accountId }: CallOptions,
    operation: Call<T>['operation'],
  ): Call<T> => ({
    signal,
    accountId,
    request: { ...request, tier: request.tier ?? options.tier },
    requestId: uuidv7(),
    operation,
    attempts: 0,
  })

  const planFor = <T>(call: Call<T>, { target }: Stop, request: TextRequest<T>): AttemptPlan => {
    const tier = tierOn(target, request.tier)
    return {
      requestId: call.requestId,
      attempt: ++call.attempts,
      operation: call.operation,
      feature: request.feature,
      accountId: call.accountId ?? null,
      promptVersion: request.promptVersion ?? null,
      worstCaseUsd: worstCaseOf(target, request, tier),
      tier,
      tokens: estimateRequestTokens(request) + maxTokensOf(target.model, request),
      signal: call.signal,
    }
  }

  /** A whole reply of one model, asked again where that may help. */
  const replyAt = <T>(stop: Stop, call: Call<T>, request: TextRequest<T>): Promise<Reply> =>
    retry(async () => {
      call.signal?.throwIfAborted()
      const attempt = await attempts.open(stop, planFor(call, stop, request))
      try {
        const reply = await stop.provider.complete(request, stop.target, attempt)
        await attempt.done(reply.usage)
        return reply
      } catch (error) {
        await attempt.failed(error)
        throw error
      }
    }, retrying(call.signal))

  const answerOf = <T>({ target }: Stop, { request }: Call<T>, reply: Reply, notes: string[]): Answer<T> => {
    const warnings = [...notes, ...target.warnings, ...reply.warnings]
    return toAnswer(request, reply, spentOn(target, reply.usage, tierOn(target, request.tier), warnings))
  }

  /** JSON of the wrong shape goes back once, with what is wrong about it. */
  const answerAt = async <T>(stop: Stop, call: Call<T>, notes: string[]): Promise<Answer<T>> => {
    const reply = await replyAt(stop, call, call.request)
    try {
      return answerOf(stop, call, reply, notes)
    } catch (error) {
      const again = repairRequest(call.request, reply, error)
      if (!again) throw error
      const second = await replyAt(stop, call, again)
      const usage = reply.usage && second.usage && sumUsage(reply.usage, second.usage)
      return answerOf(stop, call, { ...second, usage }, [
        ...notes,
        'The first answer was not the JSON that was asked for.',
      ])
    }
  }

  /** An answer of one model in pieces, begun. */
  const streamAt = async <T>(stop: Stop, call: Call<T>, chain: Chain): Promise<Begun<StreamEvent<T>>> => {
    call.signal?.throwIfAborted()
    const attempt = await attempts.open(stop, planFor(call, stop, call.request))
    let reply: Reply | undefined
    let isDone = false
    const events = relay<Piece, StreamEvent<T>>(stop.provider.stream(call.request, stop.target, attempt), {
      read: (piece) => {
        attempt.begun()
        if (piece.type !== 'reply') return piece
        reply = piece.reply
        return LAST
      },
      end: async () => {
        if (!reply) throw new LlmTruncatedStream(`${stop.target.id}: the stream ended without its last piece.`)
        isDone = true
        await attempt.done(reply.usage)
        const answer = answerOf(stop, call, reply, chain.notes)
        await kept.keep(chain, call.request, answer)
        return { type: 'end', answer }
      },
      failed: async (error) => {
        if (!isDone) await attempt.failed(error)
        throw error
      },
      left: () => attempt.failed(new CallerLeft()),
    })
    return begin(events)
  }

  return {
    complete: async (request, own = {}) => {
      const call = newCall(request, own, 'complete')
      const first = route(providers, request.model, 'text')
      const found = await kept.find(first, call.request, own)
      if (found) return found
      const chain = createChain(first, fallbacks, ladder)
      for (;;) {
        try {
          const answer = await answerAt(chain.stop, call, chain.notes)
          await kept.keep(chain, call.request, answer)
          return answer
        } catch (error) {
          chain.next(error)
        }
      }
    },
    stream: (request, own = {}) =>
      startedBy(async () => {
        const call = newCall(request, own, 'stream')
        const first = route(providers, request.model, 'text')
        const found = await kept.find(first, call.request, own)
        if (found) return begin(eventsOf(found))
        const chain = createChain(first, fallbacks, ladder)
        for (;;) {
          try {
            return await retry(() => streamAt(chain.stop, call, chain), retrying(own.signal))
          } catch (error) {
            chain.next(error)
          }
        }
      }),
  }
}

/** An answer that is there already, as a stream. */
async function* eventsOf<T>(answer: Answer<T>): AsyncGenerator<StreamEvent<T>, undefined> {
  if (answer.text !== '') yield { type: 'text', text: answer.text }
  for (const call of answer.toolCalls) yield { type: 'tool-call', call }
  yield { type: 'end', answer }
}
