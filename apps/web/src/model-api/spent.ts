import type { Answer, Embeddings } from '@dayshift/llm'

/** Warnings hold foreign words; they must neither break a header nor overrun what clients read (16 KiB in all). */
const MOST_CHARACTERS = 2_000

/** What an answer cost and what is to be said about it, as headers: clients know no fields for it. */
export function spentHeaders(answer: Answer<unknown> | Embeddings, more: string[]): Record<string, string> {
  const { costUsd, provider, model } = answer
  return {
    'x-llm-cost-usd': costUsd === null ? 'unknown' : decimal(costUsd),
    'x-llm-model-id': headerText(`${provider}/${model}`),
    ...('cached' in answer && { 'x-llm-cache': answer.cached ? 'hit' : 'miss' }),
    ...warningHeader([...more, ...answer.warnings]),
  }
}

export const warningHeader = (warnings: string[]): Record<string, string> =>
  warnings.length === 0 ? {} : { 'x-llm-warnings': headerText(warnings.join(' | ')) }

/** The names above, to be announced when they come after a stream (RFC 9110 §6.6.2). */
export const spentNames = 'x-llm-cost-usd, x-llm-model-id, x-llm-cache, x-llm-warnings'

const headerText = (text: string): string => text.replace(/[^\x20-\x7e]+/g, '?').slice(0, MOST_CHARACTERS)

/** Never with an exponent; a ten-billionth of a dollar is exact enough. */
const decimal = (costUsd: number): string => costUsd.toFixed(10).replace(/\.?0+$/, '')
