import type { Backend, Outcome } from './backend.ts'
import type { Batch } from './batch.ts'
import { renameStatement } from './batch.ts'
import type { Client } from './client.ts'
import { cstring, encode, encodeQuery, sync } from './protocol.ts'
import type { Effect, Session } from './session-state.ts'

/** Keeps the one session of the backend in step with the client that uses it. */
export interface BackendSession {
  /** Gives the backend the settings of `session`; the server's error message when it refuses one. */
  enter(session: Session): string | undefined
  /** Parses again the statements that `batch` uses and the backend no longer has. */
  restoreStatements(client: Client, batch: Batch): void
  /** Notes what a batch changed, and sends the notifications it caused to those who listen. */
  settle(client: Client, batch: Batch, outcome: Outcome): void
  /** Takes everything of a client that is gone out of the backend, the open transaction too when it `owns` the backend. */
  leave(client: Client, owns: boolean): void
}

const literal = (text: string) => {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`
const resetCommand = (name: string) => `reset ${name.split('.').map(identifier).join('.')}`
const setCommand = ([name, value]: [string, string]) => `select set_config(${literal(name)}, ${literal(value)}, false)`

const isResetOfAll = (effect: Effect) =>
  effect.kind === 'discard' || (effect.kind === 'reset' && effect.setting === '*')

export function createBackendSession(backend: Backend, clients: Set<Client>): BackendSession {
  /** Backend names of the prepared statements that it has. */
  const parsed = new Set<string>()
  let unnamedBelongsTo: Client | undefined
  let settings = new Map<string, string>()

  const query = (sql: string) => {
    // A simple query drops the unnamed statement.
    unnamedBelongsTo = undefined
    return backend.query(sql)
  }

  const isParsed = (client: Client, name: string) =>
    name === '' ? unnamedBelongsTo === client : parsed.has(renameStatement(client.session, name))

  const noteParsed = (client: Client, name: string) => {
    if (name === '') unnamedBelongsTo = client
    else parsed.add(renameStatement(client.session, name))
  }

  const forget = (session: Session, name: string) => {
    session.statements.delete(name)
    parsed.delete(renameStatement(session, name))
  }

  const notePrepared = (client: Client, batch: Batch, { parses, closes }: Outcome) => {
    let counts = { parse: parses, close: closes }
    for (const entry of batch.prepared) {
      if (counts[entry.kind]-- <= 0) break
      if (entry.kind === 'parse') {
        client.session.statements.set(entry.name, entry)
        noteParsed(client, entry.name)
      } else if (entry.name !== undefined) forget(client.session, entry.name)
    }
    if (batch.hasQuery) {
      client.session.statements.delete('')
      unnamedBelongsTo = undefined
    }
  }

  const noteDeallocated = (session: Session, effects: Effect[]) => {
    for (const effect of effects) {
      if (effect.kind === 'deallocate' && effect.name !== '*') forget(session, effect.name)
      else if (effect.kind === 'deallocate' || effect.kind === 'discard') {
        // It took the statements of every client; the others' are parsed again when they are used.
        session.statements.clear()
        parsed.clear()
        unnamedBelongsTo = undefined
      }
    }
  }

  /** RESET goes back to the server's defaults; a client expects those of its own start-up packet. */
  const restoreStartupSettings = ({ startup }: Session, effects: Effect[]) => {
    const lost = [...startup].filter(([name]) => {
      const last = effects.findLast(
        (effect) => isResetOfAll(effect) || ('setting' in effect && effect.setting === name),
      )
      return last !== undefined && last.kind !== 'set'
    })
    if (lost.length > 0) query(lost.map(setCommand).join('; '))
  }

  /** Asks the server for the settings that a transaction may have changed: it alone knows what a rollback undid. */
  const captureSettings = (session: Session, effects: Effect[]) => {
    const names = new Set(effects.flatMap((effect) => ('setting' in effect ? [effect.setting] : [])))
    if (effects.some(isResetOfAll)) for (const name of session.settings.keys()) names.add(name)
    names.delete('*')
    // SET SESSION AUTHORIZATION takes the role back as well.
    if (names.has('session_authorization')) names.add('role')
    if (names.size === 0) return
    const values = [...names].map((name) => `(${literal(name)})`).join(', ')
    for (const [name, value] of query(`select name, current_setting(name, true) from (values ${values}) v (name)`)
      .rows) {
      if (typeof name !== 'string') continue
      if (typeof value === 'string') session.settings.set(name, value)
      else session.settings.delete(name)
    }
    settings = new Map(session.settings)
  }

  const listenersOf = (channel: string) => [...clients].filter(({ session }) => session.channels.has(channel))

  const changeChannels = (session: Session, effects: Effect[]) => {
    const lost = new Set<string>()
    for (const effect of effects) {
      if (effect.kind === 'listen') session.channels.add(effect.channel)
      else if (effect.kind === 'discard' || (effect.kind === 'unlisten' && effect.channel === '*')) {
        session.channels.clear()
        for (const client of clients) for (const channel of client.session.channels) lost.add(channel)
      } else if (effect.kind === 'unlisten') {
        session.channels.delete(effect.channel)
        lost.add(effect.channel)
      }
    }
    // The backend listens for everyone, so what one client gave up may still be wanted by another.
    const wanted = [...lost].filter((channel) => listenersOf(channel).length > 0)
    if (wanted.length > 0) query(wanted.map((channel) => `listen ${identifier(channel)}`).join('; '))
  }

  return {
    enter(session) {
      const commands = [
        ...[...settings.keys()].filter((name) => !session.settings.has(name)).map(resetCommand),
        ...[...session.settings].filter(([name, value]) => settings.get(name) !== value).map(setCommand),
      ]
      const error = commands.length > 0 ? query(commands.join('; ')).error : undefined
      if (error === undefined) settings = new Map(session.settings)
      return error
    },

    restoreStatements(client, { uses }) {
      for (const name of uses) {
        const statement = client.session.statements.get(name)
        if (!statement || isParsed(client, name)) continue
        // Its errors come back with the batch itself.
        backend.run(Buffer.concat([statement.message, sync]), () => {})
        noteParsed(client, name)
      }
    },

    settle(client, batch, outcome) {
      const { session } = client
      const bound = [...batch.binds].flatMap((name) => session.statements.get(name)?.effects ?? [])
      const effects = [...bound, ...batch.effects]
      notePrepared(client, batch, outcome)
      if (!outcome.failed) {
        noteDeallocated(session, effects)
        restoreStartupSettings(session, effects)
      }
      // A failed batch may still have changed a setting before an earlier COMMIT of its own.
      session.pending.push(...effects.filter((effect) => !outcome.failed || 'setting' in effect))
      if (outcome.status === 'I') {
        const pending = session.pending.splice(0)
        if (!outcome.failed && outcome.tag !== 'ROLLBACK') changeChannels(session, pending)
        captureSettings(session, pending)
      }
      for (const { channel, message } of backend.takeNotifications()) {
        for (const { socket } of listenersOf(channel)) if (socket.writable) socket.write(message)
      }
    },

    leave({ session }, owns) {
      // The Sync ends a pipeline that was cut off.
      if (owns) backend.run(Buffer.concat([sync, encodeQuery('rollback')]), () => {})
      captureSettings(session, session.pending.splice(0))
      const names = [...session.names.values()]
      const closes = names.map((name) => encode('C', Buffer.from('S'), cstring(name)))
      if (closes.length > 0) backend.run(Buffer.concat([...closes, sync]), () => {})
      for (const name of names) parsed.delete(name)
      const unheard = [...session.channels].filter((channel) => listenersOf(channel).length === 0)
      if (owns || unheard.length > 0) query(unheard.map((channel) => `unlisten ${identifier(channel)}`).join('; '))
    },
  }
}
