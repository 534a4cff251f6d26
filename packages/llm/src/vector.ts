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
function padded(vector: Float32Array): Float32Array {
  if (vector.length > EMBEDDING_DIMENSIONS) {
    throw new RangeError(`A vector has ${vector.length} numbers where at most ${EMBEDDING_DIMENSIONS} fit.`)
  }
  const wide = new Float32Array(EMBEDDING_DIMENSIONS)
  wide.set(vector)
  return wide
}

/** Of length 1 and 768 wide: a shorter vector gets zeros, of a longer one the first 768 numbers stay, which is not exact. */
export const toWidth = (numbers: ArrayLike<number>): Float32Array =>
  padded(toUnitLength(Array.from(numbers).slice(0, EMBEDDING_DIMENSIONS)))

/** What `toWidth` does to a vector of so many numbers, for the name of its space: `512+zeros`, `768`, `1024-cut768`. */
export function widthName(dimensions: number): string {
  if (dimensions > EMBEDDING_DIMENSIONS) return `${dimensions}-cut${EMBEDDING_DIMENSIONS}`
  return dimensions < EMBEDDING_DIMENSIONS ? `${dimensions}+zeros` : String(dimensions)
}

/** What a caller should know about `toWidth`: nothing, unless numbers were left out. */
export const widthWarnings = (model: string, dimensions: number): string[] =>
  dimensions <= EMBEDDING_DIMENSIONS
    ? []
    : [
        `${model} gives ${dimensions} numbers, of which the first ${EMBEDDING_DIMENSIONS} are kept: unless it was trained for that, searching is a little less exact.`,
      ]
