import type { Model, Price, Scope } from './catalogue.ts'
import type { ServiceTier, TextRequest, Usage } from './llm.ts'
import type { Target } from './provider.ts'
import { mostRequestTokens, mostTokens } from './tokens.ts'

export type PriceTier = ServiceTier | 'batch'

export interface Cost {
  /** Null when any used part has no known price. */
  costUsd: number | null
  warnings: string[]
}

/** Whose price is asked for. */
export type Priced = Pick<Target, 'id' | 'model' | 'scope' | 'free'>

/** For models that the catalogue does not know. */
const DEFAULT_MAX_TOKENS = 2_048

/** What the usage costs at the catalogue's price for the scope and tier. */
export function costOf({ id, model, scope, free }: Priced, usage: Usage, tier: PriceTier = 'standard'): Cost {
  if (free) return { costUsd: 0, warnings: [] }
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens = 0 } = usage
  const promptTokens = inputTokens + cacheReadTokens + cacheWriteTokens
  // Nothing costs nothing, whatever the price.
  if (promptTokens + outputTokens === 0) return { costUsd: 0, warnings: [] }
  const price = model && findPrice(model, scope, tier, promptTokens)
  if (!price) return unknown(`no price of ${id} (${scope}, ${tier}) is known`)
  const { input, output, cacheRead, cacheWrite, cacheWrite1h } = price.usdPerMillion
  const parts: [tokens: number, usd: number | undefined, what: string][] = [
    [inputTokens, input, 'input'],
    [outputTokens, output, 'output'],
    [cacheReadTokens, cacheRead, 'cache reads'],
    [cacheWriteTokens - cacheWrite1hTokens, cacheWrite, 'cache writes'],
    [cacheWrite1hTokens, cacheWrite1h, 'cache writes for an hour'],
  ]
  let millionths = 0
  for (const [tokens, usd, what] of parts) {
    if (tokens === 0) continue
    if (usd === undefined) return unknown(`no price of ${what} of ${id} (${scope}, ${tier}) is known`)
    millionths += tokens * usd
  }
  return { costUsd: millionths / 1_000_000, warnings: [] }
}

/**
 * US dollars that one attempt can cost at most: the longest that the input can be in tokens, all of it written to the prompt
 * cache where the request has cache points, and every output token that is allowed. Null when the price is not known.
 */
export function worstCaseOf(target: Priced, request: TextRequest<unknown>, tier: PriceTier): number | null {
  const input = mostRequestTokens(request)
  const output = maxTokensOf(target.model, request)
  const plain: Usage = { inputTokens: input, outputTokens: output, cacheReadTokens: 0, cacheWriteTokens: 0 }
  const cases = [plain]
  if (hasCachePoint(request)) cases.push({ ...plain, inputTokens: 0, cacheWriteTokens: input })
  if (hasCachePoint(request, '1h')) cases.push({ ...cases[1]!, cacheWrite1hTokens: input })
  const costs = cases.flatMap((usage) => costOf(target, usage, tier).costUsd ?? [])
  return costs.length > 0 ? Math.max(...costs) : null
}

/** The same for texts to be embedded. */
export function worstCaseOfTexts(target: Priced, texts: string[]): number | null {
  const inputTokens = texts.reduce((sum, text) => sum + mostTokens(text), 0)
  return costOf(target, { inputTokens, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }).costUsd
}

/** The tier that a request gets from this model: one without a price there is not offered there. */
export const tierOn = ({ model }: Pick<Target, 'model'>, wanted: ServiceTier = 'standard'): ServiceTier =>
  wanted === 'standard' || model?.prices.some((price) => price.tier === wanted) ? wanted : 'standard'

/** Output tokens that a request allows this model. */
export function maxTokensOf(model: Model | undefined, { maxTokens }: Pick<TextRequest<unknown>, 'maxTokens'>): number {
  const known = model?.kind === 'text' ? model : undefined
  return Math.min(maxTokens ?? known?.defaultMaxTokens ?? DEFAULT_MAX_TOKENS, known?.maxOutputTokens ?? Infinity)
}

const hasCachePoint = ({ messages, cachePoints }: TextRequest<unknown>, ttl?: '1h'): boolean => {
  const is = (point: string | undefined) => point !== undefined && (ttl === undefined || point === ttl)
  const parts = messages.flatMap(({ content }) => content)
  return (
    is(cachePoints?.system) ||
    is(cachePoints?.tools) ||
    parts.some((part) => part.type === 'cachePoint' && is(part.ttl))
  )
}

function findPrice(model: Model, scope: Scope, tier: PriceTier, promptTokens: number): Price | undefined {
  return model.prices.find(
    (price) =>
      price.tier === tier && price.scopes.includes(scope) && promptTokens <= (price.upToInputTokens ?? Infinity),
  )
}

const unknown = (why: string): Cost => ({ costUsd: null, warnings: [`The cost is not known: ${why}.`] })
