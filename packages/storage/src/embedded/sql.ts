/**
 * Just enough of PostgreSQL's lexer (https://www.postgresql.org/docs/18/sql-syntax-lexical.html) to see which statements
 * of a text change the state of a session. It supposes `standard_conforming_strings` on, the server's default.
 */

/** `word` is folded to lower case; `name` is a quoted identifier, `string` a literal, both without their quotes. */
export type Token = { kind: 'word' | 'name' | 'string' | 'symbol'; value: string; start: number; end: number }

const wordStart = /[A-Za-z_\u0080-\uffff]/
const wordPattern = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const numberPattern = /\d[\w.]*/y
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const spacePattern = /\s+/y

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0]
}

function endOfComment(sql: string, start: number): number {
  let depth = 0
  for (let at = start; at < sql.length; at++) {
    const pair = sql.slice(at, at + 2)
    if (pair === '/*') depth++
    else if (pair === '*/') depth--
    else continue
    at++
    if (depth === 0) return at + 1
  }
  return sql.length
}

/** The offset behind the closing quote; a doubled quote is part of the text, and so is what follows a backslash when `escapes`. */
function endOfQuoted(sql: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1
      at++
    }
  }
  return sql.length
}

const unquote = (text: string, quote: string) => text.slice(1, -1).replaceAll(quote + quote, quote)

function readToken(sql: string, start: number): Token {
  const token = (kind: Token['kind'], value: string, end: number): Token => ({ kind, value, start, end })
  const char = sql[start] ?? ''
  if (char === "'" || char === '"') {
    const end = endOfQuoted(sql, start, char, false)
    return token(char === '"' ? 'name' : 'string', unquote(sql.slice(start, end), char), end)
  }
  if (char === '$') {
    const tag = match(dollarTag, sql, start)
    if (tag !== undefined) {
      const close = sql.indexOf(tag, start + tag.length)
      const end = close < 0 ? sql.length : close + tag.length
      return token('string', sql.slice(start + tag.length, close < 0 ? end : close), end)
    }
  }
  if (wordStart.test(char)) {
    const word = match(wordPattern, sql, start) ?? char
    const end = start + word.length
    if (/^e$/i.test(word) && sql[end] === "'") {
      const close = endOfQuoted(sql, end, "'", true)
      return token('string', unquote(sql.slice(end, close), "'"), close)
    }
    return token('word', word.toLowerCase(), end)
  }
  const number = match(numberPattern, sql, start)
  return number === undefined ? token('symbol', char, start + 1) : token('symbol', number, start + number.length)
}

/** The tokens of every statement of `sql`, without empty statements. */
export function readStatements(sql: string): Token[][] {
  const statements: Token[][] = []
  let statement: Token[] = []
  let depth = 0
  const finish = () => {
    if (statement.length > 0) statements.push(statement)
    statement = []
    depth = 0
  }
  for (let at = 0; at < sql.length;) {
    const space = match(spacePattern, sql, at)
    if (space !== undefined) at += space.length
    else if (sql.startsWith('--', at)) {
      const newline = sql.indexOf('\n', at)
      at = newline < 0 ? sql.length : newline + 1
    } else if (sql.startsWith('/*', at)) at = endOfComment(sql, at)
    else {
      const token = readToken(sql, at)
      at = token.end
      if (token.kind === 'symbol') {
        if (token.value === '(') depth++
        else if (token.value === ')') depth--
        else if (token.value === ';' && depth <= 0) {
          finish()
          continue
        }
      }
      statement.push(token)
    }
  }
  finish()
  return statements
}
