import { readStatements, type Token } from './sql.ts'

/** What a PostgreSQL session would keep for one client, and the one backend cannot keep for several. */
export interface Session {
  /** Settings of the start-up packet: what RESET goes back to. */
  startup: Map<string, string>
  /** Every setting the client holds now, by lower-case name. */
  settings: Map<string, string>
  channels: Set<string>
  /** The client's prepared-statement names and what they are called in the backend. */
  names: Map<string, string>
  /** What the backend's names begin with. */
  prefix: string
  /** The Parse message of every prepared statement, so that it can be parsed again, and what running it does. */
  statements: Map<string, { message: Buffer; effects: Effect[] }>
  /** What the open transaction would change at its commit. */
  pending: Effect[]
}

/** A change of session state that a statement asks for. `*` is every one. */
export type Effect =
  | { kind: 'set' | 'reset'; setting: string }
  | { kind: 'listen' | 'unlisten'; channel: string }
  | { kind: 'deallocate'; name: string }
  | { kind: 'discard' }

export interface SqlText {
  /** The text with the client's prepared-statement names replaced by the backend's. */
  sql: string
  effects: Effect[]
  /** How many COPY … FROM STDIN the text holds. */
  copiesIn: number
}

export const createSession = (prefix: string, startup: Map<string, string>): Session => ({
  startup,
  settings: new Map(startup),
  channels: new Set(),
  names: new Map(),
  prefix,
  statements: new Map(),
  pending: [],
})

// Keywords have no other spelling, so a text without one of them needs no closer look.
const mayMatter = /set|discard|listen|prepare|execute|deallocate|copy/i

/** Reads what `sql` does to the session; `rename` gives the backend's name of a prepared statement. */
export function readSqlText(sql: string, rename: (name: string) => string): SqlText {
  const text: SqlText = { sql, effects: [], copiesIn: 0 }
  if (!mayMatter.test(sql)) return text
  const names: Token[] = []
  for (const tokens of readStatements(sql)) {
    text.effects.push(...readSetConfigs(tokens))
    const name = findStatementName(tokens)
    if (name) names.push(name)
    const [first, second] = tokens
    if (first?.kind !== 'word') continue
    if (first.value === 'set') text.effects.push(...readSet(tokens.slice(1)))
    else if (first.value === 'reset') text.effects.push(...readReset(tokens.slice(1)))
    else if (first.value === 'discard' && second?.value === 'all') text.effects.push({ kind: 'discard' })
    else if ((first.value === 'listen' || first.value === 'unlisten') && second) {
      text.effects.push({ kind: first.value, channel: truncateName(second.value) })
    } else if (first.value === 'deallocate') {
      text.effects.push({ kind: 'deallocate', name: name?.value ?? '*' })
    } else if (first.value === 'copy' && isCopyIn(tokens)) text.copiesIn++
  }
  for (const name of names.toReversed()) {
    text.sql = `${text.sql.slice(0, name.start)}"${rename(name.value)}"${text.sql.slice(name.end)}`
  }
  return text
}

/** The server cuts identifiers to 63 bytes. */
const truncateName = (name: string) => {
  const bytes = Buffer.from(name)
  return bytes.length > 63 ? bytes.toString('utf8', 0, 63).replace(/\uFFFD$/, '') : name
}

const isIdentifier = (token: Token | undefined): token is Token => token?.kind === 'word' || token?.kind === 'name'
const isWord = (token: Token | undefined, ...words: string[]) => token?.kind === 'word' && words.includes(token.value)

/** The name that PREPARE, EXECUTE or DEALLOCATE speaks of, also in EXPLAIN EXECUTE and CREATE TABLE … AS EXECUTE. */
function findStatementName(tokens: Token[]): Token | undefined {
  const [first, second, third] = tokens
  if (isWord(first, 'deallocate')) {
    const name = isWord(second, 'prepare') && third ? third : second
    return isIdentifier(name) && !isWord(name, 'all') ? name : undefined
  }
  if (isWord(first, 'prepare')) return isIdentifier(second) && !isWord(second, 'transaction') ? second : undefined
  const index = tokens.findIndex((token) => isWord(token, 'execute'))
  const before = tokens[index - 1]
  const runs =
    index === 0 ||
    (isWord(first, 'explain') && (before?.value === ')' || isWord(before, 'explain', 'analyze', 'verbose'))) ||
    (isWord(first, 'create') && isWord(before, 'as'))
  const name = tokens[index + 1]
  return index >= 0 && runs && isIdentifier(name) ? name : undefined
}

/** A possibly qualified setting name at the start of `tokens`. */
function readSettingName(tokens: Token[]): string | undefined {
  let name = isIdentifier(tokens[0]) ? tokens[0].value : undefined
  for (let at = 1; name !== undefined && tokens[at]?.value === '.'; at += 2) name += `.${tokens[at + 1]?.value ?? ''}`
  return name?.toLowerCase()
}

/** Settings that a special form of SET or RESET stands for (https://www.postgresql.org/docs/18/sql-set.html). */
function readSpecialForm(tokens: Token[]): string[] | undefined {
  const [first, second] = tokens
  if (isWord(first, 'session') && isWord(second, 'characteristics')) {
    return ['isolation', 'read_only', 'deferrable'].map((rest) => `default_transaction_${rest}`)
  }
  if (isWord(first, 'session') && isWord(second, 'authorization')) return ['session_authorization']
  if (isWord(first, 'time') && isWord(second, 'zone')) return ['timezone']
  if (isWord(first, 'xml') && isWord(second, 'option')) return ['xmloption']
  if (isWord(first, 'names')) return ['client_encoding']
  if (isWord(first, 'schema')) return ['search_path']
  if (isWord(first, 'local', 'transaction', 'constraints', 'seed')) return []
  return undefined
}

function readSet(tokens: Token[]): Effect[] {
  const special = readSpecialForm(tokens)
  if (special) return special.map((setting) => ({ kind: 'set', setting }))
  const rest = isWord(tokens[0], 'session') ? tokens.slice(1) : tokens
  const [setting] = readSpecialForm(rest) ?? [readSettingName(rest)]
  const kind = isWord(tokens.at(-1), 'default') ? 'reset' : 'set'
  return setting === undefined ? [] : [{ kind, setting }]
}

function readReset(tokens: Token[]): Effect[] {
  const [setting] = readSpecialForm(tokens) ?? [readSettingName(tokens)]
  return setting === undefined ? [] : [{ kind: 'reset', setting: isWord(tokens[0], 'all') ? '*' : setting }]
}

/** Calls of `set_config('name', …)` that outlive the transaction. The name has to be a literal to be seen. */
function readSetConfigs(tokens: Token[]): Effect[] {
  return tokens.flatMap((token, index): Effect[] => {
    const name = tokens[index + 2]
    if (token.value !== 'set_config' || tokens[index + 1]?.value !== '(' || name?.kind !== 'string') return []
    let end = index + 1
    for (let depth = 0; end < tokens.length; end++) {
      if (tokens[end]?.value === '(') depth++
      else if (tokens[end]?.value === ')' && --depth === 0) break
    }
    return isWord(tokens[end - 1], 'true') ? [] : [{ kind: 'set', setting: name.value.toLowerCase() }]
  })
}

function isCopyIn(tokens: Token[]): boolean {
  return tokens.some((token, index) => isWord(token, 'from') && isWord(tokens[index + 1], 'stdin'))
}
