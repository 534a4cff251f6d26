import { estimateTokens } from '../tokens.ts'
import { splitSentences } from './sentences.ts'
import { rankSentences, similarity } from './textrank.ts'

/** Two sentences above this cosine say the same: only the better one is picked. */
const SAME = 0.7
const MIN_WORDS = 8
const MAX_WORDS = 60
/** More are not ranked: the opening of so long a text says what it is about. */
const MAX_SENTENCES = 2_000

/**
 * Three to five whole sentences of the text, verbatim and in its order: the best by TextRank, no two alike.
 * Fewer when the text has fewer or when `maxTokens` allows no more; never none for a text that is not blank.
 */
export function pickSentences(text: string, maxTokens = Infinity): string[] {
  const all = splitSentences(text).slice(0, MAX_SENTENCES)
  const prose = all.filter((sentence) => isProse(sentence.text))
  const candidates = (prose.length >= 3 ? prose : all).map((sentence) => sentence.text)
  const scores = rankSentences(candidates)
  const byScore = candidates.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b)
  const picked: number[] = []
  let tokens = 0
  for (const i of byScore) {
    if (picked.length >= wanted(candidates.length)) break
    const cost = estimateTokens(candidates[i]!)
    if (picked.length > 0 && tokens + cost > maxTokens) continue
    if (picked.some((other) => similarity(candidates[other]!, candidates[i]!) > SAME)) continue
    picked.push(i)
    tokens += cost
  }
  return picked.sort((a, b) => a - b).map((i) => candidates[i]!)
}

const wanted = (count: number): number => (count < 15 ? 3 : count < 40 ? 4 : 5)

/** Words by which a sentence points at something that a summary does not show. */
const POINTS_ELSEWHERE =
  /\b(figures?|tables?|screenshots?|images?|diagram|graph|appendix|below|above|see|click|subscribe|follow us)\b/iu

/** A sentence that stands alone: it begins like one, ends like one, and is mostly words, not a table, a list or code. */
function isProse(sentence: string): boolean {
  if (POINTS_ELSEWHERE.test(sentence) || /^\d+[.)]\s/.test(sentence)) return false
  const words = sentence.split(/\s+/)
  if (words.length < MIN_WORDS || words.length > MAX_WORDS) return false
  if (!/^["“‘'(]?[\p{Lu}\p{Lo}\p{N}]/u.test(sentence) || !/[.!?…。！？]["'”’)\]]*$/u.test(sentence)) return false
  return (
    words.filter((word) => /^["“‘'(]?\p{L}[\p{L}\p{M}'’-]*[.,;:!?…"'”’)]*$/u.test(word)).length >= words.length * 0.7
  )
}
