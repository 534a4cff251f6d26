/** A part of a text: `text.slice(start, end)`. */
export interface Passage {
  start: number
  end: number
}

// About 180 English words: the passage length that known-item search was measured with.
const TARGET_CHARACTERS = 1200
// A "sentence" longer than this (a hash list, a base64 blob) is cut anyway.
const LONGEST_CHARACTERS = 2000

/** Cuts a text into passages of whole sentences, about 1,200 characters each; together they cover all its words. */
export function cutPassages(text: string): Passage[] {
  const passages: Passage[] = []
  let open: Passage | undefined
  for (const sentence of sentences(text)) {
    if (open && sentence.end - open.start > TARGET_CHARACTERS) {
      passages.push(open)
      open = undefined
    }
    open = open ? { start: open.start, end: sentence.end } : sentence
  }
  if (open) passages.push(open)
  return passages
}

/** Ends at a blank line, or at end-of-sentence punctuation with white space and no lower-case letter after it. */
const boundary = /\n\s*\n|[.!?]["')\]]*\s+(?=[^\s\p{Ll}])/gu

function* sentences(text: string): Generator<Passage> {
  let start = 0
  const ends = [...text.matchAll(boundary)].map((match) => match.index + match[0].length)
  for (const end of [...ends, text.length]) {
    for (; end - start > LONGEST_CHARACTERS; start += LONGEST_CHARACTERS) {
      yield* trimmed(text, start, start + LONGEST_CHARACTERS)
    }
    yield* trimmed(text, start, end)
    start = end
  }
}

function* trimmed(text: string, start: number, end: number): Generator<Passage> {
  const part = text.slice(start, end)
  const body = part.trim()
  if (body === '') return
  const from = start + part.indexOf(body)
  yield { start: from, end: from + body.length }
}
