/** Rows under their heads, in columns as wide as they need; all but the first are set to the right. */
export function textTable(heads: string[], rows: string[][]): string {
  const widths = heads.map((head, column) =>
    Math.max(...[heads, ...rows].map((row) => (row[column] ?? '').length), head.length),
  )
  const line = (cells: string[]): string =>
    widths
      .map((width, column) =>
        column === 0 ? (cells[column] ?? '').padEnd(width) : (cells[column] ?? '').padStart(width),
      )
      .join('  ')
      .trimEnd()
  return [heads, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n')
}

/** Text of others without what a terminal would take for an order. */
export const printable = (text: string): string => text.replace(/[^\P{C}\n]/gu, '\ufffd')

export function asUsd(usd: number | null): string {
  if (usd === null) return '-'
  return `$${usd.toFixed(usd !== 0 && Math.abs(usd) < 0.01 ? 6 : 2)}`
}
