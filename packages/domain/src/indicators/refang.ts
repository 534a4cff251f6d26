/**
 * How authors make an indicator harmless ("defang" it), after the forms seen in threat reports:
 * `[.]` `(.)` `{.}` `[dot]`, `[@]` `[at]`, `hxxp` `h**p` `fxp`, `[:]` `[://]` `[/]`, and `\.`.
 * A bracket only counts between characters of a name, so that prose in brackets stays as it is.
 */
const defanged = new RegExp(
  [
    String.raw`(?<=[\p{L}\p{N}])[ \t]?(?:\[ ?(?:\.|dot) ?\]|\( ?(?:\.|dot) ?\)|\{ ?(?:\.|dot) ?\})[ \t]?(?=[\p{L}\p{N}])`,
    String.raw`(?<=[\w.+-])[ \t]?(?:\[ ?(?:@|at) ?\]|\( ?(?:@|at) ?\)|\{ ?(?:@|at) ?\})[ \t]?(?=[\p{L}\p{N}-]{1,63}(?:\.| ?[[({] ?(?:\.|dot)))`,
    String.raw`(?<![\p{L}\p{N}])(?:h(?:x[xt]|tx|\*\*)ps?|fxp)(?=\[?:)`,
    String.raw`(?<=[\p{L}\p{N}:\]])(?:\[:\]|\[::\])(?=[\\/\p{L}\p{N}[])`,
    String.raw`(?<=\p{L})\[:\/\/\](?=[\p{L}\p{N}[])`,
    String.raw`(?<=[\p{L}\p{N}:/])\[\/{1,2}\](?=[\p{L}\p{N}/])`,
    String.raw`(?<![\w\\.-])[\w-]+(?:\\\.[\w-]+)+(?![\w\\])`,
  ].join('|'),
  'giu',
)

function plain(written: string): string {
  const form = written.trim().toLowerCase()
  if (form.startsWith('h'))
    return isScheme(form) ? (form.endsWith('s') ? 'https' : 'http') : written.replaceAll('\\.', '.')
  if (form === 'fxp') return 'ftp'
  if (form.includes('\\.')) return written.replaceAll('\\.', '.')
  if (form.includes('::')) return '::'
  if (form.includes('://')) return '://'
  if (form.includes(':')) return ':'
  if (form.includes('/')) return form.slice(1, -1)
  return form.includes('@') || form.includes('at') ? '@' : '.'
}

const isScheme = (form: string): boolean => /^h[xt*]{2}ps?$/.test(form)

/** The text with every defanged indicator written plainly: `hxxp://evil[.]com` becomes `http://evil.com`. */
export function refang(text: string): string {
  return text.replace(defanged, plain)
}

/** A refanged text that still knows where each part stood; offsets count UTF-16 units. */
export interface Refanged {
  text: string
  /** Whether the original of `text.slice(start, end)` was written in a harmless form. */
  isDefanged(start: number, end: number): boolean
  /** Where `text.slice(start, end)` stands in the original text. */
  original(start: number, end: number): { start: number; end: number }
}

interface Piece {
  /** In the refanged text. */
  start: number
  end: number
  /** In the original text. */
  originalStart: number
  originalEnd: number
}

/** Refangs a text and remembers what was where. */
export function refangWithOffsets(original: string): Refanged {
  const pieces: Piece[] = []
  let shift = 0
  const text = original.replace(defanged, (written: string, at: number) => {
    const replacement = plain(written)
    const start = at + shift
    pieces.push({ start, end: start + replacement.length, originalStart: at, originalEnd: at + written.length })
    shift += replacement.length - written.length
    return replacement
  })

  /** The last piece that starts before `offset`. */
  function pieceBefore(offset: number): Piece | undefined {
    let low = 0
    let high = pieces.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((pieces[middle]?.start ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return pieces[low - 1]
  }

  function originalOf(offset: number, side: 'start' | 'end'): number {
    // A piece that starts at an end offset lies behind it; one that starts at a start offset contains it.
    const piece = pieceBefore(side === 'start' ? offset + 1 : offset)
    if (!piece) return offset
    if (offset >= piece.end) return piece.originalEnd + (offset - piece.end)
    return side === 'start' ? piece.originalStart : piece.originalEnd
  }

  return {
    text,
    isDefanged: (start, end) => (pieceBefore(end)?.end ?? -1) > start,
    original: (start, end) => ({ start: originalOf(start, 'start'), end: originalOf(end, 'end') }),
  }
}
