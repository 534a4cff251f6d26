import type { Model, Price, Scope } from './catalogue.ts'
import type { Usage } from './llm.ts'

export interface Cost {
  /** Null when any used part has no known price. */
  costUsd: number | null
  warnings: string[]
}

/** What the usage costs at the catalogue's standard price for the scope. */
export function costOf(model: Model | undefined, name: string, scope: Scope, usage: Usage): Cost {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  const price = model && findPrice(model, scope, prompt)
  if (!price) return unknown(`no price of ${name} (${scope}) is known`)
  const { input, output, cacheRead, cacheWrite } = price.usdPerMillion
  const parts: [tokens: number, usd: number | undefined, what: string][] = [
    [usage.inputTokens, input, 'input'],
    [usage.outputTokens, output, 'output'],
    [usage.cacheReadTokens, cacheRead, 'cache reads'],
    [usage.cacheWriteTokens, cacheWrite, 'cache writes'],
  ]
  let costUsd = 0
  for (const [tokens, usd, what] of parts) {
    if (tokens === 0) continue
    if (usd === undefined) return unknown(`no price of ${what} of ${name} (${scope}) is known`)
    costUsd += (tokens * usd) / 1_000_000
  }
  return { costUsd, warnings: [] }
}

function findPrice(model: Model, scope: Scope, promptTokens: number): Price | undefined {
  return model.prices.find(
    (price) =>
      price.tier === 'standard' && price.scopes.includes(scope) && promptTokens <= (price.upToInputTokens ?? Infinity),
  )
}

const unknown = (why: string): Cost => ({ costUsd: null, warnings: [`The cost is not known: ${why}.`] })
