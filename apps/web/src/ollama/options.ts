import type { TextRequest } from '@dayshift/llm'
import { Refusal } from './errors.ts'

type Kind = 'integer' | 'float32' | 'boolean' | 'array'

/** The options that Ollama reads, and what it wants of them (Options and Runner of api/types.go). All others it ignores. */
const kinds: Record<string, Kind> = {
  ...kindOf('integer', 'num_keep seed num_predict top_k repeat_last_n num_ctx num_batch num_gpu main_gpu num_thread'),
  ...kindOf('integer', 'draft_num_predict'),
  ...kindOf('float32', 'top_p min_p typical_p temperature repeat_penalty presence_penalty frequency_penalty'),
  ...kindOf('boolean', 'use_mmap'),
  ...kindOf('array', 'stop'),
}
/** How a model runs on a machine: here there is nothing to set, and nothing of the answer depends on it. */
const ofMachines = new Set(['num_batch', 'num_gpu', 'main_gpu', 'num_thread', 'use_mmap', 'draft_num_predict'])
const used = new Set(['num_predict', 'temperature', 'top_p', 'top_k', 'stop'])

type Sampling = Pick<TextRequest, 'maxTokens' | 'temperature' | 'topP' | 'topK' | 'stopSequences'>

/** What of Ollama's options models elsewhere have, too; `warnings` gets what is left out. @throws Refusal of a wrong type */
export function readOptions(
  options: Record<string, unknown> | null | undefined,
  provider: string,
  warnings: string[],
): Sampling {
  const given = Object.entries(options ?? {}).filter(([name, value]) => Object.hasOwn(kinds, name) && value !== null)
  for (const [name, value] of given) check(name, value)
  const dropped = given.map(([name]) => name).filter((name) => !used.has(name) && !ofMachines.has(name))
  if (dropped.length > 0) warnings.push(`Options that have no equivalent were ignored: ${dropped.join(', ')}.`)
  const value = Object.fromEntries(given) as {
    num_predict?: number
    temperature?: number
    top_p?: number
    top_k?: number
    stop?: string[]
  }
  // Models elsewhere end at 1; Ollama goes on.
  const hottest = provider === 'ollama' ? Infinity : 1
  if ((value.temperature ?? 0) > hottest)
    warnings.push(`The temperature ${value.temperature} was lowered to ${hottest}.`)
  const most = Math.trunc(value.num_predict ?? 0)
  if (most < 0) warnings.push("An answer without end (num_predict below 0) ends at the model's default limit.")
  const stop = value.stop?.filter((sequence) => sequence !== '') ?? []
  return {
    maxTokens: most > 0 ? most : undefined,
    temperature: value.temperature === undefined ? undefined : Math.min(Math.max(value.temperature, 0), hottest),
    topP: value.top_p,
    // 0 means all of them, as when it is absent.
    topK: value.top_k === undefined || value.top_k <= 0 ? undefined : Math.trunc(value.top_k),
    stopSequences: stop.length > 0 ? stop : undefined,
  }
}

function check(name: string, value: unknown): void {
  const kind = kinds[name]!
  const fits = kind === 'array' ? Array.isArray(value) : typeof value === (kind === 'boolean' ? 'boolean' : 'number')
  if (!fits) throw new Refusal(400, `option "${name}" must be of type ${kind}`)
  if (Array.isArray(value) && value.some((item) => typeof item !== 'string')) {
    throw new Refusal(400, `option "${name}" must be of an array of strings`)
  }
}

function kindOf(kind: Kind, names: string): Record<string, Kind> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]))
}
