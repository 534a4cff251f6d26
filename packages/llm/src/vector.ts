import { EMBEDDING_DIMENSIONS } from './llm.ts'

/** The vector scaled to length 1 (L2). @throws RangeError when it has no direction. */
export function toUnitLength(numbers: ArrayLike<number>): Float32Array {
  let squares = 0
  for (let i = 0; i < numbers.length; i++) squares += numbers[i]! * numbers[i]!
  const length = Math.sqrt(squares)
  if (!(length > 0) || !Number.isFinite(length)) throw new RangeError(`A vector of length ${length} has no direction.`)
  return Float32Array.from(numbers, (number) => number / length)
}

/** Zeros up to 768: cosine, inner product and distance of two such vectors stay what they were. */
export function padded(vector: Float32Array): Float32Array {
  if (vector.length > EMBEDDING_DIMENSIONS) {
    throw new RangeError(`A vector has ${vector.length} numbers where at most ${EMBEDDING_DIMENSIONS} fit.`)
  }
  const wide = new Float32Array(EMBEDDING_DIMENSIONS)
  wide.set(vector)
  return wide
}
