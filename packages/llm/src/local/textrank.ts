import { tokenize } from './tokenize.ts'
import { wordWeight } from './word-weights.ts'

const DAMPING = 0.85
const MAX_ROUNDS = 50
const TOLERANCE = 1e-6

/** A sentence as weights of words. */
type Row = Map<number, number>

/**
 * TextRank (Mihalcea and Tarau 2004): PageRank over sentences, whose random jump favours the opening (1 / place).
 * An edge is the inner product of the weighted words over the root of both lengths; full division (the cosine) would
 * favour short sentences. The graph is never built: its weights are A·Aᵀ, so a round costs as much as there are words.
 * Returns one score for each sentence; they sum to 1.
 */
export function rankSentences(sentences: string[]): number[] {
  const numbers = new Map<string, number>()
  const rows = sentences.map((sentence) => scaled(countWords(sentence, numbers), 0.5))
  const itself = rows.map((row) => length(row) ** 2)
  const multiply = (scores: number[]) => {
    const words = new Float64Array(numbers.size)
    rows.forEach((row, i) => row.forEach((weight, word) => (words[word]! += weight * scores[i]!)))
    // Less the diagonal: no sentence votes for itself.
    return rows.map((row, i) => {
      let sum = -itself[i]! * scores[i]!
      for (const [word, weight] of row) sum += weight * words[word]!
      return sum
    })
  }
  const degrees = multiply(rows.map(() => 1))
  const places = rows.map((_, i) => 1 / (i + 1))
  const jump = places.map((place) => place / total(places))
  let scores = jump
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const votes = multiply(scores.map((score, i) => (isLinked(degrees[i]!) ? score / degrees[i]! : 0)))
    const unlinked = total(scores.filter((_, i) => !isLinked(degrees[i]!)))
    const next = votes.map((vote, i) => (1 - DAMPING + DAMPING * unlinked) * jump[i]! + DAMPING * vote)
    const change = total(next.map((score, i) => Math.abs(score - scores[i]!)))
    scores = next
    if (change < TOLERANCE) break
  }
  return scores
}

/** Cosine of the weighted words of two sentences, 0 to 1. */
export function similarity(one: string, other: string): number {
  const numbers = new Map<string, number>()
  const a = scaled(countWords(one, numbers), 1)
  const b = scaled(countWords(other, numbers), 1)
  return total([...a].map(([word, weight]) => weight * (b.get(word) ?? 0)))
}

function countWords(sentence: string, numbers: Map<string, number>): Row {
  const row: Row = new Map()
  for (const word of tokenize(sentence)) {
    let number = numbers.get(word)
    if (number === undefined) numbers.set(word, (number = numbers.size))
    row.set(number, (row.get(number) ?? 0) + wordWeight(word))
  }
  return row
}

/** The row divided by its length to the power. */
function scaled(row: Row, power: number): Row {
  const divisor = length(row) ** power
  return new Map([...row].map(([word, weight]) => [word, weight / divisor]))
}

const length = (row: Row): number => Math.sqrt(total([...row.values()].map((weight) => weight * weight)))
const total = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0)
const isLinked = (degree: number): boolean => degree > 1e-9
