import { cstring, encode, type Message, readCString } from './protocol.ts'
import { type Effect, readSqlText, type Session, type SqlText } from './session-state.ts'

/** Messages of one client that run together: up to a Sync or Flush, or as much of a pipeline as is run at once. */
export interface Batch {
  messages: Buffer[]
  sizeBytes: number
  /** Of the simple query, and of the statements that are parsed and bound in this batch. */
  effects: Effect[]
  /** Parse and Close messages in order; the answers are counted to know which of them succeeded. */
  prepared: Prepared[]
  /** Statements that the batch describes or binds without parsing them itself. */
  uses: Set<string>
  binds: Set<string>
  hasQuery: boolean
  /** The client sent its COPY data before the statement ran, so the server's own invitation is dropped. */
  copiesIn: boolean
}

type Prepared =
  | { kind: 'parse'; name: string; message: Buffer; effects: Effect[] }
  /** Without a name it closes a portal. */
  | { kind: 'close'; name?: string }

/** A statement that fails with `message`, in place of one that cannot be served. */
const refusal = (message: string) =>
  `do $refusal$ begin raise exception using errcode = 'feature_not_supported', message = '${message}'; end $refusal$`

/** The backend's name of a prepared statement: private to the client, and short, because the server cuts names. */
export function renameStatement({ names, prefix }: Session, name: string): string {
  if (name === '') return ''
  const known = names.get(name)
  if (known !== undefined) return known
  const renamed = `${prefix}_${names.size + 1}`
  names.set(name, renamed)
  return renamed
}

function readSql(session: Session, sql: string, maxCopiesIn: number): SqlText {
  const text = readSqlText(sql, (name) => renameStatement(session, name))
  if (text.copiesIn <= maxCopiesIn) return text
  const reason = 'the embedded database takes one COPY FROM STDIN at a time, as a simple query'
  return { sql: refusal(reason), effects: [], copiesIn: 0 }
}

export const createBatch = (): Batch => ({
  messages: [],
  sizeBytes: 0,
  effects: [],
  prepared: [],
  uses: new Set(),
  binds: new Set(),
  hasQuery: false,
  copiesIn: false,
})

export function addRaw(batch: Batch, message: Buffer): void {
  batch.messages.push(message)
  batch.sizeBytes += message.length
}

/** Adds a message of the client, with names made private and its effects noted. */
export function addMessage(batch: Batch, session: Session, { type, bytes }: Message): void {
  const body = bytes.subarray(5)
  if (type === 'Q') addQuery(batch, session, body)
  else if (type === 'P') addParse(batch, session, body)
  else if (type === 'B') addBind(batch, session, body)
  else if (type === 'D' || type === 'C') addDescribeOrClose(batch, session, type, bytes)
  // What is left of a COPY that ended early means nothing any more.
  else if (!'dcf'.includes(type)) addRaw(batch, bytes)
}

function addQuery(batch: Batch, session: Session, body: Buffer) {
  const text = readSql(session, readCString(body, 0)[0], 1)
  batch.effects.push(...text.effects)
  batch.hasQuery = true
  batch.copiesIn = text.copiesIn > 0
  addRaw(batch, encode('Q', cstring(text.sql)))
}

function addParse(batch: Batch, session: Session, body: Buffer) {
  const [name, afterName] = readCString(body, 0)
  const [sql, afterSql] = readCString(body, afterName)
  const text = readSql(session, sql, 0)
  const message = encode('P', cstring(renameStatement(session, name)), cstring(text.sql), body.subarray(afterSql))
  batch.prepared.push({ kind: 'parse', name, message, effects: text.effects })
  addRaw(batch, message)
}

const findParse = (batch: Batch, name: string) =>
  batch.prepared.findLast((entry) => entry.kind === 'parse' && entry.name === name) as
    (Prepared & { kind: 'parse' }) | undefined

// Portals need no private names: they end with the transaction, and until then the backend is this client's alone.
function addBind(batch: Batch, session: Session, body: Buffer) {
  const [portal, afterPortal] = readCString(body, 0)
  const [name, afterName] = readCString(body, afterPortal)
  const parse = findParse(batch, name)
  if (parse) batch.effects.push(...parse.effects)
  else {
    batch.uses.add(name)
    batch.binds.add(name)
  }
  addRaw(batch, encode('B', cstring(portal), cstring(renameStatement(session, name)), body.subarray(afterName)))
}

function addDescribeOrClose(batch: Batch, session: Session, type: 'D' | 'C', bytes: Buffer) {
  const body = bytes.subarray(5)
  const [name] = readCString(body, 1)
  const isStatement = body[0] === 'S'.charCodeAt(0)
  if (type === 'C') batch.prepared.push(isStatement ? { kind: 'close', name } : { kind: 'close' })
  else if (isStatement && !findParse(batch, name)) batch.uses.add(name)
  addRaw(batch, isStatement ? encode(type, body.subarray(0, 1), cstring(renameStatement(session, name))) : bytes)
}
