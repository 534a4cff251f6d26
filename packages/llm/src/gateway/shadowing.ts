import { v7 as uuidv7 } from 'uuid'
import { LlmAnswerInvalid } from '../errors.ts'
import type { Answer, Llm, TextRequest } from '../llm.ts'
import type { Provider } from '../provider.ts'
import { requestHash } from './cache-key.ts'
import type { LlmOptions } from './options.ts'
import { keyOf, route, routeAll } from './route.ts'
import type { ShadowSide } from './shadow.ts'

interface Parts {
  shadow: LlmOptions['shadow']
  providers: [Provider, ...Provider[]]
  text: Pick<Llm, 'complete' | 'stream'>
  /** Without fallbacks. */
  alone: Pick<Llm, 'complete'>
  clock: () => Date
  onProblem: NonNullable<LlmOptions['onProblem']>
}

interface Shadowing extends Pick<Llm, 'complete' | 'stream'> {
  /** Waits for the second answers that are under way. */
  drain(): Promise<void>
}

/** Has requests answered by a second model, behind the back of the caller, who neither waits for it nor fails with it. */
export function createShadowing({ shadow, providers, text, alone, clock, onProblem }: Parts): Shadowing {
  if (!shadow) return { ...text, drain: () => Promise.resolve() }
  const { store, share = 1, mostPending = 4 } = shadow
  const [second] = routeAll(providers, [shadow.model])
  const pending = new Set<Promise<void>>()

  /** Undefined for a request that is not compared: it is not in the share, or is meant for the second model anyway. */
  const begin = (request: TextRequest<unknown>) => {
    const first = route(providers, request.model, 'text')
    if (!second || keyOf(first) === keyOf(second) || Math.random() >= share) return undefined
    const askedAt = clock()
    const watch = stopwatch(first.target)
    const compare = async (firstSide: ShadowSide): Promise<void> => {
      const other = { ...request, model: shadow.model }
      const watch = stopwatch(second.target)
      const secondSide = await alone.complete(other, { fresh: true }).then(watch.answered, watch.failed)
      const { feature, promptVersion = null } = request
      const pair = { id: uuidv7(), feature, promptVersion, requestHash: requestHash(request), askedAt }
      await store.keep({ ...pair, first: firstSide, second: secondSide })
    }
    const end = (side: ShadowSide): void => {
      if (pending.size >= mostPending) return
      const work = compare(side)
        .catch((error: unknown) => onProblem(error, 'a comparison of two models was not kept'))
        .finally(() => pending.delete(work))
      pending.add(work)
    }
    return {
      begun: watch.begun,
      answered: (answer: Answer<unknown>): void => {
        if (!answer.cached) end(watch.answered(answer))
      },
      failed: (error: unknown): void => end(watch.failed(error)),
    }
  }

  return {
    complete: async (request, options = {}) => {
      const watched = begin(request)
      try {
        const answer = await text.complete(request, options)
        watched?.answered(answer)
        return answer
      } catch (error) {
        if (!options.signal?.aborted) watched?.failed(error)
        throw error
      }
    },
    stream: async function* (request, options = {}) {
      const watched = begin(request)
      try {
        for await (const event of text.stream(request, options)) {
          watched?.begun()
          if (event.type === 'end') watched?.answered(event.answer)
          yield event
        }
      } catch (error) {
        if (!options.signal?.aborted) watched?.failed(error)
        throw error
      }
    },
    drain: async () => {
      await Promise.all(pending)
    },
  }
}

function stopwatch({ provider, id: model }: { provider: string; id: string }) {
  const start = performance.now()
  let firstPieceMs: number | null = null
  const since = () => performance.now() - start
  return {
    begun: () => void (firstPieceMs ??= since()),
    answered: (answer: Answer<unknown>): ShadowSide => ({
      provider: answer.provider,
      model: answer.model,
      text: answer.text,
      error: null,
      validJson: answer.json === undefined ? null : true,
      tookMs: since(),
      firstPieceMs,
      usage: answer.usage,
      costUsd: answer.costUsd,
    }),
    failed: (error: unknown): ShadowSide => {
      const answer = error instanceof LlmAnswerInvalid ? error.answer : undefined
      return {
        provider,
        model,
        text: answer?.text ?? null,
        error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
        validJson: error instanceof LlmAnswerInvalid ? false : null,
        tookMs: since(),
        firstPieceMs,
        usage: answer?.usage ?? null,
        costUsd: answer?.costUsd ?? null,
      }
    },
  }
}
