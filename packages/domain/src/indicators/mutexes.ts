import type { Match, Reading } from './match.ts'

const mention = /\bmute(?:x(?:es)?|ants?)\b/gi
const objectName =
  /(?<![\p{L}\p{N}_\\%])(?:\\(?:Sessions\\\d{1,3}\\)?BaseNamedObjects\\(?:Global\\|Local\\)?|(?:Global|Local)\\{1,2})[\w{}.()!@#$+-]{3,200}/gu
const quoted = /["“‘`']([^"“”‘’`'\r\n]{3,120})["”’`']/g
const named = /^\s*(?:object\s*)?(?:names?\s*)?(?:(?:is\s+)?(?:named|called)\s*:?|:|=|\t)\s*([^\s"“”‘’`',;]{4,120})/i

/**
 * Mutexes: object names (`Global\…`), and, where a mutex is spoken of, a quoted token after it or a token behind
 * `mutex:`, `mutex named` or in the next cell of a table.
 */
export function* findMutexes({ text }: Reading): Generator<Match> {
  for (const { 0: run, index: start } of text.matchAll(objectName)) {
    const value = run.replace(/[.)!]+$/, '')
    yield { kind: 'mutex', value: value.replace(/\\{2,}/g, '\\'), start, end: start + value.length }
  }
  for (const { 0: run, index } of text.matchAll(mention)) {
    const from = index + run.length
    const after = text.slice(from, from + 200).split(/\n\n|[.!?]\s/)[0] ?? ''
    const label = named.exec(after)
    const [whole = '', token = ''] = label ?? []
    const bare = token.replace(/[.)\]]+$/, '')
    if (label && isToken(bare)) {
      const start = from + whole.length - token.length
      yield { kind: 'mutex', value: bare, start, end: start + bare.length }
      continue
    }
    for (const { 0: inQuotes, 1: value = '', index: at } of after.matchAll(quoted)) {
      if (value.includes(' ') && !/(?:names?|named|called|:)\s*$/i.test(after.slice(0, at))) continue
      yield { kind: 'mutex', value, start: from + at + 1, end: from + at + inQuotes.length - 1 }
    }
  }
}

/** A word of the language is no name: a name has a digit, a capital inside, or a sign. */
const isToken = (word: string): boolean =>
  /^[\w{}()!@#$%&+.~\\-]{4,}$/.test(word) && /\d|[a-z][A-Z]|[_{\\-]|^[A-Z]{4,}$/.test(word)
