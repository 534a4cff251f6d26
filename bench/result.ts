/** One figure, in the unit that its name or `unit` says, and what it may be at worst. */
export interface Figure {
  /** Such as `first text, library, 8 at once: added p50`. */
  name: string
  value: number
  unit: string
  /** Values that the figure was made of. */
  count: number
  atMost?: number
  atLeast?: number
  /** What else is to be known about it, such as the two figures that it compares. */
  about?: string
}

export const isMet = ({ value, atMost = Infinity, atLeast = -Infinity }: Figure): boolean =>
  value <= atMost && value >= atLeast

/** Three significant digits, whole from a hundred on. */
export const shown = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString()

/** A table for a terminal. */
export function toTable(figures: Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${shown(figure.value)} ${figure.unit}`.trim(),
    limitOf(figure),
    figure.atMost === undefined && figure.atLeast === undefined ? '' : isMet(figure) ? 'met' : 'MISSED',
    `n=${figure.count}`,
    figure.about ?? '',
  ])
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function limitOf({ atMost, atLeast, unit }: Figure): string {
  if (atMost !== undefined) return `≤ ${shown(atMost)} ${unit}`.trim()
  return atLeast === undefined ? '' : `≥ ${shown(atLeast)} ${unit}`.trim()
}
