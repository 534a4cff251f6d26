import type { ShadowReport, ShadowRow } from '@dayshift/domain/shadow'
import { asUsd, printable, textTable } from './text-table.ts'

const ms = (value: number | null): string => (value === null ? '-' : `${Math.round(value)} ms`)
const share = (value: number | null): string => (value === null ? '-' : `${Math.round(value * 100)} %`)
const mean = (value: number | null): string => (value === null ? '-' : String(Math.round(value)))

const lines: [what: string, show: (side: ShadowRow['first']) => string][] = [
  ['failed', ({ failed }) => String(failed)],
  ['whole answer, half are faster', ({ tookP50Ms }) => ms(tookP50Ms)],
  ['whole answer, 95 % are faster', ({ tookP95Ms }) => ms(tookP95Ms)],
  ['first piece, half are faster', ({ firstPieceP50Ms }) => ms(firstPieceP50Ms)],
  ['first piece, 95 % are faster', ({ firstPieceP95Ms }) => ms(firstPieceP95Ms)],
  ['mean cost', ({ meanCostUsd }) => asUsd(meanCostUsd)],
  ['mean length in characters', ({ meanCharacters }) => mean(meanCharacters)],
  ['mean tokens in', ({ meanInputTokens }) => mean(meanInputTokens)],
  ['mean tokens out', ({ meanOutputTokens }) => mean(meanOutputTokens)],
  ['JSON of the right shape', ({ validJsonShare }) => share(validJsonShare)],
]

const LONGEST_EXAMPLE = 1_000

/** How two models answered the same requests, for a terminal. */
export function shadowText({ rows, examples }: ShadowReport): string {
  if (rows.length === 0) return 'No request was answered by two models in this time.'
  const tables = rows.map(({ feature, pairs, first, second, identicalShare }) => {
    const title = printable(`${feature}: ${pairs} requests, ${share(identicalShare)} of the answers are the same`)
    const heads = ['', printable(first.model), printable(second.model)]
    return `${title}\n${textTable(
      heads,
      lines.map(([what, show]) => [what, show(first), show(second)]),
    )}`
  })
  const said = ({ model, text, error }: ShadowReport['examples'][number]['first']): string =>
    printable(`--- ${model}${text === null ? ` failed: ${error}` : `\n${text.slice(0, LONGEST_EXAMPLE)}`}`)
  const shown = examples.map(
    ({ feature, askedAt, first, second }) =>
      `=== ${printable(feature)}, ${askedAt.toISOString()}\n${said(first)}\n${said(second)}`,
  )
  return [...tables, ...shown].join('\n\n')
}
