export interface Sentence {
  /** Verbatim: `text.slice(start, end)` of the input, without white space around it. */
  text: string
  start: number
  end: number
}

/** What follows these is always the same sentence. */
const NEVER_LAST = new Set(
  'e.g i.e eg ie vs cf viz mr mrs ms dr prof st gen col sgt capt gov sen rep hon no nr fig figs sec ch vol pp ed eds al approx est dept resp incl esp a.k.a aka n.b jan feb mar apr jun jul aug sept oct nov dec'.split(
    ' ',
  ),
)
/** These may end a sentence: only a usual opening word tells. */
const MAYBE_LAST = new Set('etc inc corp ltd co llc bros jr sr u.s u.k u.n e.u u.s.a d.c a.m p.m ph.d ver'.split(' '))
const OPENING_WORDS = new Set(
  'the this that these those there then they their he she his her it its we our you your i in on at as a an and but for from if when while after before since because although however moreover furthermore meanwhile additionally finally also both each some many most all no not with by to once during another other such so according what which who how why attackers researchers victims users'.split(
    ' ',
  ),
)

/** A terminator with its closing quotes and brackets, or a line end with what white space follows. */
const CANDIDATE = /[.!?…]+["'”’)\]»]*|[。！？]+[」』”’）]*|\n\s*/gu
const LONGEST_ABBREVIATION = 12

/**
 * Sentences in order, in time linear in the text. A full stop ends one only before white space and never before a lower-case
 * letter, so `evil.com`, `v1.2.3`, `cmd.exe` and addresses stay whole; known abbreviations and initials do not end one.
 * A line end does (headings, list items), except where the next line goes on in lower case: wrapped text.
 */
export function splitSentences(text: string): Sentence[] {
  const found: Sentence[] = []
  let start = 0
  const cut = (end: number) => {
    const raw = text.slice(start, end)
    const trimmed = raw.trim()
    if (trimmed !== '') {
      const from = start + raw.indexOf(trimmed)
      found.push({ text: trimmed, start: from, end: from + trimmed.length })
    }
    start = end
  }
  for (const match of text.matchAll(CANDIDATE)) {
    const end = match.index + match[0].length
    if (endsSentence(text, start, match.index, match[0])) cut(end)
  }
  cut(text.length)
  return found
}

function endsSentence(text: string, start: number, at: number, mark: string): boolean {
  const after = at + mark.length
  const first = mark.charAt(0)
  if ('。！？'.includes(first)) return true
  if (mark.includes('\n')) return isBlankLine(mark) || !/^\p{Ll}/u.test(text.slice(after, after + 2))
  if (after >= text.length) return true
  const gap = /^\s+/.exec(text.slice(after, after + 16))?.[0]
  // A gap with a line end is judged when the scan reaches it.
  if (gap === undefined || gap.includes('\n')) return false
  const next = /^["'“‘([«]*(?:[\p{L}\p{M}\p{N}]+)?/u.exec(text.slice(after + gap.length, after + gap.length + 40))![0]
  const nextWord = next.replace(/^["'“‘([«]+/, '')
  if (/^\p{Ll}/u.test(nextWord)) return false
  return mark !== '.' || !isAbbreviation(text, start, at, nextWord.toLowerCase())
}

const isBlankLine = (mark: string): boolean => mark.indexOf('\n') !== mark.lastIndexOf('\n')

/** Whether the full stop at `at` belongs to the word before it. */
function isAbbreviation(text: string, start: number, at: number, nextWord: string): boolean {
  const from = Math.max(start, at - LONGEST_ABBREVIATION)
  const word = /[\p{L}\p{N}.]+$/u.exec(text.slice(from, at))?.[0] ?? ''
  const bare = word.toLowerCase()
  if (NEVER_LAST.has(bare)) return !(bare === 'no' && OPENING_WORDS.has(nextWord))
  if (MAYBE_LAST.has(bare)) return !OPENING_WORDS.has(nextWord)
  if (/^\p{Lu}$/u.test(word)) return !OPENING_WORDS.has(nextWord)
  // "1. Download": the number of a list item, alone before its full stop.
  return /^\d{1,3}$/.test(word) && text.slice(start, at).trim() === word
}
