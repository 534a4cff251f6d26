/** The first `dimensions` of a vector, of length 1 again, as Ollama and OpenAI shorten theirs; whole when it has no more. */
export function shorten(vector: Float32Array, dimensions: number | null | undefined): Float32Array {
  if (!dimensions || dimensions >= vector.length) return vector
  const head = vector.slice(0, dimensions)
  const length = Math.hypot(...head)
  return length === 0 ? head : head.map((value) => value / length)
}
