import type { z } from 'zod'

/** A kind of background work: its name, where it waits, the shape of its input, and what it does. */
export interface Job<Context, Schema extends z.ZodType, Output> {
  /** Unique among all jobs, such as `article.summarize`. */
  name: string
  /** Jobs of one queue share its concurrency. Letters, digits, `.`, `_` and `-`. */
  queue: string
  input: Schema
  /** How often it is tried before it counts as dead, at least 1. */
  attempts: number
  /** Longest wait before the second try; it doubles with each further try. Default 5,000. */
  backoffMs?: number
  /** 0 runs first, then 1, 2, … up to 2,097,152. Default 0. */
  priority?: number
  /** The signal is aborted and the try has failed after this long. Default 600,000. */
  timeoutMs?: number
  /** Whether a failure says that what the job was for is gone: then it is done, and nothing follows. */
  isPointless?(error: unknown): boolean
  /** Must be repeatable: a process that dies in it, or loses the queue, lets it run again. */
  run(context: Context, input: z.output<Schema>, tools: JobTools): Promise<Output>
}

export interface JobTools {
  /** Tells watchers how far the work is, at most four times a second; any JSON. */
  progress: (value: unknown) => void
  /** Aborted when the time is over or the process stops. */
  signal: AbortSignal
  /** 1 for the first try. */
  attempt: number
}

/** Any job: methods compare their parameters both ways, so a list may hold jobs of different types. */
export type AnyJob = Job<unknown, z.ZodType, unknown>

/** What every one of `Jobs` needs as its context. */
export type ContextOf<Jobs extends AnyJob> = (
  Jobs extends { run(context: infer Context, input: never, tools: JobTools): unknown }
    ? (context: Context) => void
    : never
) extends (context: infer Context) => void
  ? Context
  : never

/** One job with the input it is to run on. */
export interface Step {
  job: AnyJob
  input: unknown
  options: StepOptions
}

export interface StepOptions {
  delayMs?: number
  /** In place of the job's own. */
  priority?: number
  /** Two waiting steps of one job with the same key are one. Default: the input. `null`: never the same. */
  dedupeKey?: string | null
}

/** What to start once a job's work is saved. */
export interface Rule {
  job: AnyJob
  steps(output: unknown): Step[]
}

/** Declares a job; the types of its input and context follow from it. */
export function defineJob<Context, Schema extends z.ZodType, Output>(
  job: Job<Context, Schema, Output>,
): Job<Context, Schema, Output> {
  return job
}

/** A job with an input, to be given to `enqueue` or returned by a rule. */
export function step<Schema extends z.ZodType>(
  job: Job<never, Schema, unknown>,
  input: z.input<Schema>,
  options: StepOptions = {},
): Step {
  return { job, input, options }
}

/** The rule that each finished `job` is followed by the steps made from its output. */
export function after<Schema extends z.ZodType, Output>(
  job: Job<never, Schema, Output>,
  steps: (output: Output) => Step[],
): Rule {
  return { job, steps }
}
