import type { Context } from '@dayshift/domain/context'
import { NotFound } from '@dayshift/domain/errors'
import { inTransaction } from '@dayshift/storage'
import { findIndicators } from './find.ts'
import type { Indicator } from './indicator.ts'
import { parentsOf } from './parents.ts'
import { saveIndicators } from './queries.ts'

/**
 * Finds the indicators of an article and replaces those that it had. Returns how many there are, without the rows
 * that only serve search. Throws NotFound when the article is gone.
 */
export async function extractIndicators(
  { db }: Pick<Context, 'db'>,
  article: { id: string; text: string; url: string },
): Promise<number> {
  const indicators = findIndicators(article.text, { publisherUrl: article.url })
  const derived = deriveIndicators(indicators)
  await inTransaction(db, async (tx) => {
    // Two readings of one article come one after the other.
    await tx
      .selectFrom('article')
      .select('id')
      .where('id', '=', article.id)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow(() => new NotFound('article', article.id))
    await saveIndicators(tx, article.id, indicators, derived)
  })
  return indicators.length
}

/** The parents of all indicators, each once, at the place of the first indicator that has it. */
function deriveIndicators(indicators: Indicator[]): Indicator[] {
  const keyOf = ({ kind, value }: Pick<Indicator, 'kind' | 'value'>) => `${kind} ${value}`
  const known = new Set(indicators.map(keyOf))
  const derived: Indicator[] = []
  for (const indicator of indicators) {
    for (const parent of parentsOf(indicator)) {
      if (known.has(keyOf(parent))) continue
      known.add(keyOf(parent))
      derived.push({ ...indicator, ...parent })
    }
  }
  return derived
}
