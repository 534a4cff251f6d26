import attackNames from './attack-names.json' with { type: 'json' }
import { needCapitals, needId, phrases, replacedIds } from './phrases.ts'
import type { Technique } from './technique.ts'

const names: ReadonlyMap<string, string> = new Map(Object.entries(attackNames))
const idWritten = /(?<![\p{L}\p{N}])T(\d{4})(?:[./](\d{3}))?(?![\p{L}\p{N}])/gu
const word = /[\p{L}\p{N}]+/gu
const between = /^[\s/&,().–:-]{1,4}$/

interface Mention {
  id: string
  basis: Technique['basis']
  start: number
  end: number
}

/**
 * Every ATT&CK technique that the text names, once, in the order of first mention. Offsets count UTF-16 units. An id
 * is a better basis than a name, so its place is given when both are there. Ids that ATT&CK replaced are given as the
 * new one; a sub-technique that we do not know counts as its parent.
 */
export function findTechniques(text: string): Technique[] {
  const found = new Map<string, Technique>()
  const mentions = [...findIds(text), ...findNames(text)].sort((a, b) => a.start - b.start)
  for (const { id, basis, start, end } of mentions) {
    const known = found.get(id)
    const here = { basis, written: text.slice(start, end), startOffset: start, endOffset: end }
    if (!known) found.set(id, { id, name: names.get(id) ?? id, ...here, occurrences: 1 })
    else {
      known.occurrences += 1
      if (known.basis === 'name' && basis === 'id') Object.assign(known, here)
    }
  }
  return [...found.values()].sort((a, b) => a.startOffset - b.startOffset)
}

function* findIds(text: string): Generator<Mention> {
  for (const { 0: written, 1: technique = '', 2: sub, index: start } of text.matchAll(idWritten)) {
    const parent = `T${technique}`
    const full = sub === undefined ? parent : `${parent}.${sub}`
    const id = names.has(full) ? full : (replacedIds[parent] ?? parent)
    if (names.has(id)) yield { id, basis: 'id', start, end: start + written.length }
  }
}

/** A tree of the words of all phrases: one walk over the text finds the longest phrase at each word. */
interface Branch {
  next: Map<string, Branch>
  ends: { id: string; words: string[]; exact: boolean }[]
}

const root: Branch = { next: new Map(), ends: [] }
for (const [id, name] of names) if (!needId.has(id)) plant(id, name, needCapitals.has(id))
for (const [id, list] of Object.entries(phrases)) for (const phrase of list) plant(id, phrase, false)

function plant(id: string, phrase: string, exact: boolean): void {
  const words = phrase.match(word) ?? []
  let branch = root
  for (const part of words.map(stem)) {
    let next = branch.next.get(part)
    if (!next) branch.next.set(part, (next = { next: new Map(), ends: [] }))
    branch = next
  }
  branch.ends.push({ id, words, exact })
}

/** Without capitals and the s of a plural. */
function stem(word: string): string {
  const lower = word.toLowerCase()
  return lower.length > 3 && lower.endsWith('s') && !lower.endsWith('ss') ? lower.slice(0, -1) : lower
}

function* findNames(text: string): Generator<Mention> {
  const words = [...text.matchAll(word)]
  for (let at = 0; at < words.length; at += 1) {
    const match = longestPhrase(text, words, at)
    if (!match) continue
    yield match.mention
    at += match.words - 1
  }
}

function longestPhrase(
  text: string,
  words: RegExpExecArray[],
  at: number,
): { mention: Mention; words: number } | undefined {
  const start = words[at]?.index ?? 0
  let branch: Branch | undefined = root
  let longest: { mention: Mention; words: number } | undefined
  let end = start
  for (let next = at; branch; next += 1) {
    const found = words[next]
    if (!found || (next > at && !between.test(text.slice(end, found.index)))) break
    branch = branch.next.get(stem(found[0]))
    end = found.index + found[0].length
    const written = words.slice(at, next + 1)
    const ending = branch?.ends.find(
      ({ exact, words }) => !exact || written.every(([part], i) => startsAlike(part, words[i] ?? '')),
    )
    if (ending) longest = { mention: { id: ending.id, basis: 'name', start, end }, words: next - at + 1 }
  }
  return longest
}

/** The same word with the same capitals, but for a plural. */
const startsAlike = (written: string, word: string): boolean =>
  written.slice(0, Math.min(written.length, word.length)) === word.slice(0, Math.min(written.length, word.length))
