/** How far a job is: any JSON, since every job tells it in its own way. */
export function readProgress(value: unknown): { fraction?: number; text: string } | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return { text: value }
  if (typeof value === 'object') {
    const { done, total } = value as { done?: unknown; total?: unknown }
    if (typeof done === 'number' && typeof total === 'number' && total > 0) {
      return { fraction: Math.min(Math.max(done / total, 0), 1), text: `${done} of ${total}` }
    }
  }
  return { text: JSON.stringify(value) }
}

/** A job's input in a line: `sourceId 0199…, key https://…`. */
export function inputLine(input: unknown): string {
  if (input === null || typeof input !== 'object') return input === undefined ? '' : JSON.stringify(input)
  return Object.entries(input)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}
