export interface Part {
  text: string
  marked: boolean
}

/** Pairs of a start and an end. */
type Offsets = readonly (readonly number[])[]

/** A text in parts, those between the pairs of offsets marked. Pairs that overlap or lie outside are cut to fit. */
export function splitByOffsets(text: string, offsets: Offsets): Part[] {
  const parts: Part[] = []
  let at = 0
  const add = (end: number, marked: boolean): void => {
    if (end > at) parts.push({ text: text.slice(at, end), marked })
    at = Math.max(at, end)
  }
  for (const [start = 0, end = 0] of offsets.toSorted(([a = 0], [b = 0]) => a - b)) {
    add(Math.min(start, text.length), false)
    add(Math.min(end, text.length), true)
  }
  add(text.length, false)
  return parts
}

// So much stays before the first marked word, for its sense.
const BEFORE = 60

/** As `splitByOffsets`, but a text whose first mark comes late begins shortly before it, at a word. */
export function cutPassage(text: string, offsets: Offsets): Part[] {
  const first = Math.min(...offsets.map(([start = 0]) => start), text.length)
  if (offsets.length === 0 || first <= BEFORE * 2) return splitByOffsets(text, offsets)
  const start = text.indexOf(' ', first - BEFORE) + 1
  const from = start > 0 && start <= first ? start : first
  const moved = offsets.map(([a = 0, b = 0]) => [Math.max(0, a - from), Math.max(0, b - from)] as const)
  return [{ text: '… ', marked: false }, ...splitByOffsets(text.slice(from), moved)]
}
