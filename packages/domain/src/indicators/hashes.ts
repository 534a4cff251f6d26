import type { Match, Reading } from './match.ts'

const kinds: Record<number, 'md5' | 'sha1' | 'sha256' | 'sha512'> = {
  32: 'md5',
  40: 'sha1',
  64: 'sha256',
  128: 'sha512',
}
const hexRun = /(?<![\p{L}\p{N}])[\da-f]{32,}(?![\p{L}\p{N}])/giu

/** File hashes, told apart by their length. A run of one or two different digits, or of decimals only, is a filler. */
export function* findHashes({ text }: Reading): Generator<Match> {
  for (const { 0: run, index: start } of text.matchAll(hexRun)) {
    const kind = kinds[run.length]
    const value = run.toLowerCase()
    if (!kind || /^\d+$/.test(value) || new Set(value).size < 4) continue
    yield { kind, value, start, end: start + run.length }
  }
}
