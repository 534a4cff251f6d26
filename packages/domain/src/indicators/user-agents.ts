import type { Match, Reading } from './match.ts'

const header = /\buser-?agent(?: string)?s?["”’`']?[ \t]*[:=\t][ \t]*["“‘`']?([^\s"“”‘’`'][^\r\n\t"“”‘’`']{5,300})/gi

/** What follows `User-Agent:` in its line. */
export function* findUserAgents({ text }: Reading): Generator<Match> {
  for (const { 0: run, 1: written = '', index } of text.matchAll(header)) {
    const start = index + run.length - written.length
    const value = written.trimEnd().replace(/[,;]$/, '')
    if (/\/\d|\(/.test(value)) yield { kind: 'user-agent', value, start, end: start + value.length }
  }
}
