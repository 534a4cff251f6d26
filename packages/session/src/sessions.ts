import type { z } from 'zod'
import { checkValue, parseJson } from './json-value.ts'
import { SessionStoreUnavailable, type Keeping, type KeyStore } from './key-store.ts'
import { createToken, isTokenOf, sessionIdOf, sessionRecord, type SessionRecord } from './session-record.ts'
import { clockMarginMs, requirePositive, systemClock, type Clock } from './settings.ts'
import { createId, hashText } from './token.ts'

export interface SessionsOptions<Data> {
  readonly store: KeyStore
  readonly schema: z.ZodType<Data>
  /** Ends a session that is not used for so long; default 12 hours. */
  readonly idleTimeoutMs?: number
  /** Ends every session so long after its creation; default 7 days. */
  readonly absoluteTimeoutMs?: number
  /** Of the data as JSON; default 4,096. */
  readonly maxSizeBytes?: number
  readonly clock?: Clock
}

export interface Session<Data> {
  /** Stays the same for the life of the session; not a secret. */
  readonly id: string
  readonly userId: string
  readonly createdAt: Date
  /** At most a minute behind the last use. */
  readonly lastSeenAt: Date
  /** When it ends if it is not used again. */
  readonly expiresAt: Date
  readonly data: Data
}

/** A session with its token, which is known here only and cannot be had again. */
export interface Opened<Data> {
  readonly token: string
  readonly session: Session<Data>
}

/** Each may throw SessionStoreUnavailable; those that take data also ValueInvalid and ValueTooLarge. */
export interface Sessions<Data> {
  create(of: { userId: string; data: Data }): Promise<Opened<Data>>
  find(token: string): Promise<Session<Data> | undefined>
  /** Replaces the data; undefined if there is no such session. */
  update(token: string, data: Data): Promise<Session<Data> | undefined>
  /** A new token, and new data if given, in one step; the old token is dead. The absolute limit runs on. */
  rotate(token: string, data?: Data): Promise<Opened<Data> | undefined>
  revoke(token: string): Promise<boolean>
  revokeById(sessionId: string): Promise<boolean>
  /** Tells how many were revoked; the session of the `except` token stays. */
  revokeAll(userId: string, options?: { except?: string }): Promise<number>
  /** The user's sessions, newest first. */
  list(userId: string): Promise<Session<Data>[]>
  /** How many were used within the last 15 minutes, by whatever process; also such as have ended since. */
  countActive(): Promise<number>
}

type RecordChanges = Partial<Pick<SessionRecord, 'tokenHash' | 'data'>>

const hourMs = 3_600_000
const activeMs = 900_000
const activeSet = 'active-sessions'
/** Each lost try means that another writer of the same session won; so many in a row do not happen. */
const maxTries = 100

export function createSessions<Data>(options: SessionsOptions<Data>): Sessions<Data> {
  const { store, schema, maxSizeBytes = 4_096, clock = systemClock } = options
  const idleTimeoutMs = requirePositive('idleTimeoutMs', options.idleTimeoutMs ?? 12 * hourMs)
  const absoluteTimeoutMs = requirePositive('absoluteTimeoutMs', options.absoluteTimeoutMs ?? 7 * 24 * hourMs)
  const slideAfterMs = Math.min(60_000, idleTimeoutMs / 10)
  const rules = { name: 'The session data', schema, maxSizeBytes }

  const now = () => clock().getTime()
  const keyOf = (id: string) => `session:${id}`
  const groupOf = (userId: string) => `sessions-of:${userId}`
  const expiryOf = ({ lastSeenAtMs, createdAtMs }: SessionRecord) =>
    Math.min(lastSeenAtMs + idleTimeoutMs, createdAtMs + absoluteTimeoutMs)

  function keepingOf(record: SessionRecord): Keeping {
    return { ttlMs: Math.max(expiryOf(record) - now(), 0) + clockMarginMs, group: groupOf(record.userId) }
  }

  function sessionOf(record: SessionRecord, data: Data): Session<Data> {
    const { id, userId, createdAtMs, lastSeenAtMs } = record
    const expiresAt = new Date(expiryOf(record))
    return { id, userId, createdAt: new Date(createdAtMs), lastSeenAt: new Date(lastSeenAtMs), expiresAt, data }
  }

  /** The session of a record, or undefined if its time is over or its data does not fit any more. */
  function findLive(record: SessionRecord): Session<Data> | undefined {
    if (now() >= expiryOf(record)) return undefined
    const parsed = schema.safeParse(record.data)
    return parsed.success ? sessionOf(record, parsed.data) : undefined
  }

  /** The live session of a token, with what is stored of it. One that is over is deleted. */
  async function read(token: string) {
    const id = sessionIdOf(token)
    const stored = id === undefined ? undefined : await store.get(keyOf(id))
    if (id === undefined || stored === undefined) return undefined
    const record = parseJson(sessionRecord, stored)
    if (record !== undefined) {
      if (!isTokenOf(record, token)) return undefined
      const session = findLive(record)
      if (session !== undefined) return { stored, record, session }
    }
    await store.delete([keyOf(id)], record && groupOf(record.userId))
    return undefined
  }

  function replace(stored: string, record: SessionRecord): Promise<boolean> {
    return store.replace(keyOf(record.id), stored, JSON.stringify(record), keepingOf(record))
  }

  /** Writes a changed record, and again from the start when another writer was first. */
  async function change(token: string, changes: RecordChanges): Promise<Session<Data> | undefined> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const held = await read(token)
      if (held === undefined) return undefined
      const record = { ...held.record, lastSeenAtMs: now(), ...changes }
      if (await replace(held.stored, record)) return findLive(record)
    }
    throw new SessionStoreUnavailable(`A session was changed by others ${maxTries} times in a row`)
  }

  /** At most once a minute for each session, so that counting costs requests nothing. */
  const markActive = (id: string): Promise<void> =>
    store.markSeen(activeSet, id, { atMs: now(), keepMs: activeMs + clockMarginMs })

  return {
    async create({ userId, data }) {
      const id = createId()
      const token = createToken(id)
      const nowMs = now()
      const fitting = checkValue(rules, data)
      const record = { id, userId, tokenHash: hashText(token), createdAtMs: nowMs, lastSeenAtMs: nowMs, data: fitting }
      await Promise.all([store.put(keyOf(id), JSON.stringify(record), keepingOf(record)), markActive(id)])
      return { token, session: sessionOf(record, fitting) }
    },
    async find(token) {
      const held = await read(token)
      if (held === undefined || now() - held.record.lastSeenAtMs < slideAfterMs) return held?.session
      const record = { ...held.record, lastSeenAtMs: now() }
      const [replaced] = await Promise.all([replace(held.stored, record), markActive(record.id)])
      // Another writer was first: it may have ended the session, so only a new look tells.
      return replaced ? sessionOf(record, held.session.data) : (await read(token))?.session
    },
    async update(token, data) {
      return change(token, { data: checkValue(rules, data) })
    },
    async rotate(token, data) {
      const id = sessionIdOf(token)
      if (id === undefined) return undefined
      const next = createToken(id)
      const changes = data === undefined ? {} : { data: checkValue(rules, data) }
      const session = await change(token, { tokenHash: hashText(next), ...changes })
      return session && { token: next, session }
    },
    async revoke(token) {
      const held = await read(token)
      if (held === undefined) return false
      return (await store.delete([keyOf(held.record.id)], groupOf(held.record.userId))) > 0
    },
    async revokeById(sessionId) {
      const stored = await store.get(keyOf(sessionId))
      const record = stored === undefined ? undefined : parseJson(sessionRecord, stored)
      return (await store.delete([keyOf(sessionId)], record && groupOf(record.userId))) > 0
    },
    async revokeAll(userId, { except } = {}) {
      const entries = await store.list(groupOf(userId))
      const revoked = entries.filter(({ value }) => {
        const record = parseJson(sessionRecord, value)
        return except === undefined || record === undefined || !isTokenOf(record, except)
      })
      return store.delete(
        revoked.map(({ key }) => key),
        groupOf(userId),
      )
    },
    async list(userId) {
      const over: string[] = []
      const sessions: Session<Data>[] = []
      for (const { key, value } of await store.list(groupOf(userId))) {
        const record = parseJson(sessionRecord, value)
        const session = record && findLive(record)
        if (session === undefined) over.push(key)
        else sessions.push(session)
      }
      await store.delete(over, groupOf(userId))
      return sessions.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
    },
    countActive: () => store.countSeen(activeSet, now() - activeMs),
  }
}
