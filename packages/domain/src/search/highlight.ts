const word = /[\p{L}\p{N}][\p{L}\p{N}._-]*[\p{L}\p{N}]|[\p{L}\p{N}]/gu
// Shorter words ("of", "to") would colour half of the passage.
const SHORTEST = 3

/** Offsets of the question's words in a text, whole words, whatever their case; at most 50. */
export function highlight(text: string, question: string): [start: number, end: number][] {
  const asked = new Set(
    (question.match(word) ?? []).map((part) => part.toLowerCase()).filter((part) => part.length >= SHORTEST),
  )
  const found: [number, number][] = []
  for (const match of text.matchAll(word)) {
    if (!asked.has(match[0].toLowerCase())) continue
    found.push([match.index, match.index + match[0].length])
    if (found.length === 50) break
  }
  return found
}
