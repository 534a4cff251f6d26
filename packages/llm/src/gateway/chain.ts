import {
  LlmError,
  LlmModelNotFound,
  LlmNotAllowed,
  LlmOverBudget,
  LlmResting,
  LlmThrottled,
  LlmTimeout,
  LlmTruncatedStream,
  LlmUnavailable,
} from '../errors.ts'
import { keyOf } from './route.ts'
import type { Stop } from './route.ts'

/** Errors that are about the model, not about the request: another one may answer. */
const ABOUT_THE_MODEL = [
  LlmThrottled,
  LlmUnavailable,
  LlmTimeout,
  LlmTruncatedStream,
  LlmResting,
  LlmNotAllowed,
  LlmModelNotFound,
]

/** Which model is asked now, and what happened to the ones before it. */
export interface Chain {
  readonly stop: Stop
  /** One sentence for each model that did not answer. */
  readonly notes: string[]
  /** Goes on to the next model. @throws the first error when this one is not about the model or nobody is left. */
  next(error: unknown): void
}

/** After a fault the fallbacks are asked, after a refusing budget the ladder, each model once. */
export function createChain(first: Stop, fallbacks: Stop[], ladder: Stop[]): Chain {
  const tried = new Set([keyOf(first)])
  const notes: string[] = []
  let stop = first
  let firstError: LlmError | undefined
  return {
    get stop() {
      return stop
    },
    notes,
    next(error) {
      if (!(error instanceof LlmError)) throw error
      firstError ??= error
      const overBudget = error instanceof LlmOverBudget
      if (!overBudget && !ABOUT_THE_MODEL.some((kind) => error instanceof kind)) throw firstError
      const next = (overBudget ? ladder : fallbacks).find((other) => !tried.has(keyOf(other)))
      if (!next) throw firstError
      tried.add(keyOf(next))
      notes.push(`${keyOf({ target: stop.target })} did not answer (${error.message}); ${keyOf(next)} was asked.`)
      stop = next
    },
  }
}
