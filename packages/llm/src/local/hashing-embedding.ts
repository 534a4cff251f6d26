import { EMBEDDING_DIMENSIONS } from '../llm.ts'
import type { EmbeddingSpace } from '../llm.ts'
import { toUnitLength } from '../vector.ts'
import { murmur3 } from './murmur3.ts'
import { tokenize } from './tokenize.ts'
import { COMMON_FRAGMENTS, COMMON_FRAGMENT_WEIGHT, wordWeight } from './word-weights.ts'

/** Raise it with any change of the recipe, of `tokenize` or of the word weights: vectors of two versions do not compare. */
const VERSION = 'hash-v1'

export const LOCAL_SPACE: EmbeddingSpace = {
  id: `local:${VERSION}:${EMBEDDING_DIMENSIONS}`,
  provider: 'local',
  model: `local-${VERSION}`,
  dimensions: EMBEDDING_DIMENSIONS,
  sourceDimensions: EMBEDDING_DIMENSIONS,
  version: VERSION,
}

const WORD_SEED = 1
const FRAGMENT_SEED = 2
const FRAGMENT_LENGTH = 4
/** Against words: fragments are many and only bring spelling variants together. */
const FRAGMENT_SHARE = 0.5
/** Digests and encoded blocks count as one word; their fragments are noise. */
const LONGEST_FRAGMENTED_WORD = 24
const SHORTEST_FRAGMENTED_WORD = 4
/** Never part of a word, so that the fragments at its ends differ from those inside. */
const BOUNDARY = '_'

const encoder = new TextEncoder()
const commonFragments = new Set(COMMON_FRAGMENTS.map((fragment) => hash(fragment, FRAGMENT_SEED)))

/** A feature's number of occurrences and the sum of its weights over them. */
interface Feature {
  count: number
  weight: number
}

/**
 * Signed feature hashing (Weinberger et al. 2009) of words and of the four-letter fragments inside them:
 * each feature adds `± (1 + ln count) · weight` to one of 768 cells; the sum has length 1. Deterministic and linear in the text.
 */
export function embedByHashing(text: string): Float32Array {
  const cells = new Float64Array(EMBEDDING_DIMENSIONS)
  for (const [key, { count, weight }] of featuresOf(text)) {
    // The lowest bit is the sign, the others choose the cell.
    cells[(key >>> 1) % EMBEDDING_DIMENSIONS]! += ((key & 1 ? 1 : -1) * (1 + Math.log(count)) * weight) / count
  }
  return toUnitLength(cells)
}

function featuresOf(text: string): Map<number, Feature> {
  const features = new Map<number, Feature>()
  const add = (key: number, count: number, weight: number) => {
    const feature = features.get(key)
    if (feature) {
      feature.count += count
      feature.weight += count * weight
    } else features.set(key, { count, weight: count * weight })
  }
  for (const [word, count] of countWords(text)) {
    const weight = wordWeight(word)
    add(hash(word, WORD_SEED), count, weight)
    for (const fragment of fragmentsOf(word)) {
      const share = commonFragments.has(fragment) ? COMMON_FRAGMENT_WEIGHT * FRAGMENT_SHARE : FRAGMENT_SHARE
      add(fragment, count, weight * share)
    }
  }
  return features
}

/** A text without a word (only punctuation) is one word as a whole, so that every text has a direction. */
function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of tokenize(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
  if (counts.size === 0) counts.set(text.trim(), 1)
  return counts
}

/** Hashes of the fragments of a word with its boundaries. */
function fragmentsOf(word: string): number[] {
  if (word.length < SHORTEST_FRAGMENTED_WORD || word.length > LONGEST_FRAGMENTED_WORD) return []
  const marked = BOUNDARY + word + BOUNDARY
  const bytes = encoder.encode(marked)
  const hashes: number[] = []
  if (bytes.length === marked.length) {
    for (let at = 0; at + FRAGMENT_LENGTH <= bytes.length; at++) {
      hashes.push(murmur3(bytes, at, at + FRAGMENT_LENGTH, FRAGMENT_SEED))
    }
    return hashes
  }
  const characters = Array.from(marked)
  for (let at = 0; at + FRAGMENT_LENGTH <= characters.length; at++) {
    hashes.push(hash(characters.slice(at, at + FRAGMENT_LENGTH).join(''), FRAGMENT_SEED))
  }
  return hashes
}

function hash(text: string, seed: number): number {
  const bytes = encoder.encode(text)
  return murmur3(bytes, 0, bytes.length, seed)
}
