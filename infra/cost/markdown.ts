import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Estimate } from './estimate.ts'
import type { PriceList } from './prices.ts'
import { assumptionRows, comparisonRows, lineRows, type Rows, uncertainPrices } from './text.ts'

/** The tables of docs/cost.md: all profiles, every line of the cheapest, what is assumed, what is uncertain. */
export function documentTables(estimates: Estimate[], list: PriceList): string {
  const [cheapest] = estimates
  const uncertain = uncertainPrices(
    estimates.flatMap(({ bill }) => bill.lines),
    list,
  )
  return [
    `US dollars a month of 730 hours, prices of ${list.region}, collected ${list.date}.`,
    markdownTable(comparisonRows(estimates)),
    `### Every line of ${cheapest!.profile}`,
    'Lines under a cent are in the sums alone; `npm run cost -- --profile economy` shows them.',
    markdownTable(lineRows(cheapest!.bill.lines, 0.005)),
    '### Assumed',
    markdownTable(assumptionRows()),
    '### Uncertain',
    uncertain.map((sentence) => `- ${sentence}`).join('\n'),
  ].join('\n\n')
}

const document = fileURLToPath(new URL('../../docs/cost.md', import.meta.url))
const MARKED = /(<!-- costs -->\n)[^]*(\n<!-- \/costs -->)/

/** docs/cost.md as it is, and as it should be. */
export function readDocument(tables: string): { text: string; renewed: string } {
  const text = readFileSync(document, 'utf8')
  if (!MARKED.test(text)) throw new Error('docs/cost.md: expected the lines <!-- costs --> and <!-- /costs -->.')
  return { text, renewed: text.replace(MARKED, (_, start, end) => `${start}\n${tables}\n${end}`) }
}

export const saveDocument = (tables: string): void => writeFileSync(document, readDocument(tables).renewed)

/** As the project's formatter lays a table out. */
function markdownTable({ heads, rows }: Rows): string {
  const cells = [heads, ...rows].map((row) => row.map((cell) => cell.trim()))
  const widths = heads.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)))
  const line = (row: string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(cells[0]!), `| ${rule.join(' | ')} |`, ...cells.slice(1).map(line)].join('\n')
}
