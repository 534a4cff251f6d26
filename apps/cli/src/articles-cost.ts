import { type Catalogue, costOf, type Model, type PriceTier } from '@dayshift/llm'

/**
 * An article on average: 266 public threat reports of five publishers, 2014 to 2022 (the AnnoCTR corpus, LREC-COLING 2024).
 * Their text has 11,641 characters; of the longest, only the first 60,000 are summarised, which leaves 10,617.
 */
export const workload = {
  embeddedCharacters: 11_641,
  summarizedCharacters: 10_617,
  /** The instructions, the frame of the article, and a title. */
  promptCharacters: 246 + 30 + 55,
  /** Three to five sentences of about 30 words. */
  summaryTokens: 200,
  mostSummaryTokens: 400,
}

/** English text, by the vendors' own rule of thumb. */
const CHARACTERS_PER_TOKEN = 4

/** The same text has more tokens there: "about 30 %" by the vendor's guide for moving to Claude Haiku 5.5. */
const MORE_TOKENS: Record<string, number> = { 'anthropic.claude-haiku-5-5': 1.3 }

type Scope = 'region' | 'geo' | 'global'

/** US dollars for a number of articles; null where no price is known. */
export interface ArticlesCost {
  model: Model
  /** In the own region, or where that is not offered in its geography. */
  nearUsd: number | null
  globalUsd: number | null
  /** Later and cheaper, in batches or in the tier `flex`: the lowest of all. */
  laterUsd: number | null
  /** With every token that a summary may have, at the dearest of the prices above. */
  mostUsd: number | null
  /** The vendor itself publishes all prices of the model that the catalogue has. */
  certain: boolean
}

/** What each model that lives at `now` costs for so many articles: a summary each, or the vectors of its whole text. */
export function articlesCosts({ models }: Catalogue, articles: number, now: Date): ArticlesCost[] {
  return models.filter((model) => !isOver(model, now)).map((model) => articlesCost(model, articles))
}

export const isOver = ({ status, endOfLife }: Model, now: Date): boolean =>
  status === 'end-of-life' || (endOfLife !== null && endOfLife <= now.toISOString().slice(0, 10))

function articlesCost(model: Model, articles: number): ArticlesCost {
  const price = (scope: Scope, tier: PriceTier, summaryTokens: number): number | null => {
    const usage = { ...tokensOf(model, summaryTokens), cacheReadTokens: 0, cacheWriteTokens: 0 }
    const { costUsd } = costOf({ id: model.id, model, scope }, usage, tier)
    return costUsd === null ? null : costUsd * articles
  }
  const inScope = (tier: PriceTier, summaryTokens: number) => ({
    near: price('region', tier, summaryTokens) ?? price('geo', tier, summaryTokens),
    global: price('global', tier, summaryTokens),
  })
  const usual = inScope('standard', workload.summaryTokens)
  const most = inScope('standard', workload.mostSummaryTokens)
  const later = (['batch', 'flex'] as const).map((tier) => inScope(tier, workload.summaryTokens))
  return {
    model,
    nearUsd: usual.near,
    globalUsd: usual.global,
    laterUsd: bestOf(Math.min, later.flatMap(({ near, global }) => [near, global])), // prettier-ignore
    mostUsd: bestOf(Math.max, [most.near, most.global]),
    certain: model.prices.every(({ confidence }) => confidence === 'high'),
  }
}

function tokensOf({ id, kind }: Model, summaryTokens: number): { inputTokens: number; outputTokens: number } {
  const { embeddedCharacters, summarizedCharacters, promptCharacters, mostSummaryTokens } = workload
  const more = MORE_TOKENS[id] ?? 1
  const tokens = (characters: number) => Math.round((characters / CHARACTERS_PER_TOKEN) * more)
  if (kind === 'embedding') return { inputTokens: tokens(embeddedCharacters), outputTokens: 0 }
  return {
    inputTokens: tokens(summarizedCharacters + promptCharacters),
    outputTokens: Math.min(Math.round(summaryTokens * more), mostSummaryTokens),
  }
}

function bestOf(choose: (...values: number[]) => number, values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length > 0 ? choose(...known) : null
}
