import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ValueInvalid, ValueTooLarge } from './json-value.ts'
import { createSessions } from './sessions.ts'
import { describeStores, type TestStores } from './testing/stores.ts'

const schema = z.object({ theme: z.string(), provenAtMs: z.number().optional() })
const light = { theme: 'light' }
const minuteMs = 60_000
const hourMs = 60 * minuteMs

const sessionsOn = ({ store, clock }: Pick<TestStores, 'store' | 'clock'>) => createSessions({ store, clock, schema })

describeStores('sessions', (open) => {
  test('a session is found by its token, with its user and data', async () => {
    const sessions = sessionsOn(open())
    const { token, session } = await sessions.create({ userId: 'ada', data: light })
    expect(session).toMatchObject({ userId: 'ada', data: light, createdAt: new Date('2026-01-01T00:00:00Z') })
    expect(await sessions.find(token)).toEqual(session)
  })

  test('a token holds a secret of 256 bits, and only its SHA-256 is stored', async () => {
    const { store, clock } = open()
    const { token, session } = await sessionsOn({ store, clock }).create({ userId: 'ada', data: light })
    const [id, secret] = token.split('.')
    expect(id).toBe(session.id)
    expect(Buffer.from(secret ?? '', 'base64url')).toHaveLength(32)
    const stored = (await store.get(`session:${session.id}`)) ?? ''
    expect(stored).not.toContain(secret)
    expect(stored).toContain(createHash('sha256').update(token).digest('base64url'))
  })

  test('an unknown token finds nothing', async () => {
    const sessions = sessionsOn(open())
    const token = `${'a'.repeat(22)}.${'b'.repeat(43)}`
    expect(await sessions.find(token)).toBeUndefined()
    expect(await sessions.update(token, light)).toBeUndefined()
    expect(await sessions.rotate(token)).toBeUndefined()
    expect(await sessions.revoke(token)).toBe(false)
  })

  test.each(['', 'x', 'a'.repeat(66), '../../etc', `${'a'.repeat(22)}.${'b'.repeat(5_000)}`, 'ü'.repeat(66)])(
    'a malformed token is not even looked up',
    async (token) => {
      const { store, clock } = open()
      const get = () => Promise.reject(new Error('looked up'))
      expect(await sessionsOn({ store: { ...store, get }, clock }).find(token)).toBeUndefined()
    },
  )

  test('the id of a session with a wrong secret neither finds nor ends it', async () => {
    const sessions = sessionsOn(open())
    const { token, session } = await sessions.create({ userId: 'ada', data: light })
    const forged = `${session.id}.${'A'.repeat(43)}`
    expect(await sessions.find(forged)).toBeUndefined()
    expect(await sessions.revoke(forged)).toBe(false)
    expect(await sessions.revokeAll('ada', { except: token })).toBe(0)
    expect(await sessions.find(token)).toBeDefined()
    expect(await sessions.revokeAll('ada', { except: forged })).toBe(1)
  })

  test('12 hours without use end a session, and use keeps it alive', async () => {
    const stores = open()
    const sessions = sessionsOn(stores)
    const { token } = await sessions.create({ userId: 'ada', data: light })
    stores.advanceMs(12 * hourMs - 1)
    expect(await sessions.find(token)).toBeDefined()
    stores.advanceMs(12 * hourMs - 1)
    expect(await sessions.find(token)).toBeDefined()
    stores.advanceMs(12 * hourMs)
    expect(await sessions.find(token)).toBeUndefined()
    expect(await sessions.list('ada')).toEqual([])
  })

  test('7 days end a session that is in use', async () => {
    const stores = open()
    const sessions = sessionsOn(stores)
    const { token } = await sessions.create({ userId: 'ada', data: light })
    for (let hours = 6; hours < 7 * 24; hours += 6) {
      stores.advanceMs(6 * hourMs)
      expect(await sessions.find(token)).toBeDefined()
    }
    stores.advanceMs(6 * hourMs - 1)
    expect((await sessions.find(token))?.expiresAt).toEqual(new Date('2026-01-08T00:00:00Z'))
    stores.advanceMs(1)
    expect(await sessions.find(token)).toBeUndefined()
  })

  test('the last use is written at most once a minute', async () => {
    const stores = open()
    const sessions = sessionsOn(stores)
    const { token, session } = await sessions.create({ userId: 'ada', data: light })
    const stored = () => stores.store.get(`session:${session.id}`)
    const first = await stored()
    stores.advanceMs(minuteMs - 1)
    expect((await sessions.find(token))?.lastSeenAt).toEqual(session.createdAt)
    expect(await stored()).toBe(first)
    stores.advanceMs(1)
    expect((await sessions.find(token))?.lastSeenAt).toEqual(stores.clock())
    expect(await stored()).not.toBe(first)
  })

  test('new data replaces the old, and unfitting data changes nothing', async () => {
    const sessions = sessionsOn(open())
    const { token } = await sessions.create({ userId: 'ada', data: light })
    expect((await sessions.update(token, { theme: 'dark' }))?.data).toEqual({ theme: 'dark' })
    await expect(sessions.update(token, { theme: 1 } as never)).rejects.toThrow(ValueInvalid)
    await expect(sessions.update(token, { theme: 'x'.repeat(5_000) })).rejects.toThrow(ValueTooLarge)
    expect((await sessions.find(token))?.data).toEqual({ theme: 'dark' })
  })

  test('the size limit counts bytes of JSON and holds exactly', async () => {
    const { store, clock } = open()
    // {"theme":"é"} is 14 bytes in UTF-8: 13 characters, one of two bytes.
    const create = (maxSizeBytes: number) =>
      createSessions({ store, clock, schema, maxSizeBytes }).create({ userId: 'ada', data: { theme: 'é' } })
    await expect(create(14)).resolves.toBeDefined()
    await expect(create(13)).rejects.toThrow('The session data is 14 bytes as JSON; at most 13 are allowed')
  })

  test('a session whose stored data no longer fits the schema is deleted', async () => {
    const { store, clock } = open()
    const { token, session } = await sessionsOn({ store, clock }).create({ userId: 'ada', data: light })
    const stricter = createSessions({ store, clock, schema: schema.extend({ language: z.string() }) })
    expect(await stricter.find(token)).toBeUndefined()
    expect(await store.get(`session:${session.id}`)).toBeUndefined()
    expect(await store.list('sessions-of:ada')).toEqual([])
  })

  test.each(['', 'no JSON', '{}', '[]', 'null'])(
    'a damaged record is no session and is deleted: %j',
    async (damage) => {
      const { store, clock } = open()
      const sessions = sessionsOn({ store, clock })
      const { token, session } = await sessions.create({ userId: 'ada', data: light })
      await store.put(`session:${session.id}`, damage, { ttlMs: hourMs })
      expect(await sessions.find(token)).toBeUndefined()
      expect(await store.get(`session:${session.id}`)).toBeUndefined()
    },
  )

  test('rotation gives a new token at once and keeps id, data and absolute limit', async () => {
    const stores = open()
    const sessions = sessionsOn(stores)
    const { token, session } = await sessions.create({ userId: 'ada', data: light })
    stores.advanceMs(hourMs)
    const rotated = await sessions.rotate(token)
    expect(rotated?.token).not.toBe(token)
    expect(rotated?.session).toMatchObject({ id: session.id, data: light, createdAt: session.createdAt })
    expect(await sessions.find(token)).toBeUndefined()
    expect(await sessions.find(rotated?.token ?? '')).toEqual(rotated?.session)
    expect(await sessions.list('ada')).toHaveLength(1)
  })

  test('rotation may raise a privilege in the same step', async () => {
    const sessions = sessionsOn(open())
    const { token } = await sessions.create({ userId: 'ada', data: light })
    const rotated = await sessions.rotate(token, { theme: 'light', provenAtMs: 5 })
    expect((await sessions.find(rotated?.token ?? ''))?.data.provenAtMs).toBe(5)
  })

  test('of many rotations of one token exactly one succeeds', async () => {
    const { store, other, clock } = open()
    const [here, there] = [sessionsOn({ store, clock }), sessionsOn({ store: other, clock })]
    const { token } = await here.create({ userId: 'ada', data: light })
    const rotations = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? here : there).rotate(token)))
    const won = rotations.filter((rotation) => rotation !== undefined)
    expect(won).toHaveLength(1)
    expect(await there.find(won[0]?.token ?? '')).toBeDefined()
  })

  test('many updates at once all succeed and leave one of their values', async () => {
    const { store, other, clock } = open()
    const [here, there] = [sessionsOn({ store, clock }), sessionsOn({ store: other, clock })]
    const { token } = await here.create({ userId: 'ada', data: light })
    const updates = Array.from({ length: 20 }, (_, n) => (n % 2 ? here : there).update(token, { theme: `t${n}` }))
    expect((await Promise.all(updates)).filter((session) => session === undefined)).toEqual([])
    expect((await here.find(token))?.data.theme).toMatch(/^t\d+$/)
  })

  test('a use that races with the end of a session does not bring it back', async () => {
    const stores = open()
    const sessions = sessionsOn(stores)
    const { token, session } = await sessions.create({ userId: 'ada', data: light })
    stores.advanceMs(hourMs)
    const slow = {
      ...stores.store,
      async replace(...call: Parameters<typeof stores.store.replace>) {
        await sessions.revokeById(session.id)
        return stores.store.replace(...call)
      },
    }
    expect(await sessionsOn({ store: slow, clock: stores.clock }).find(token)).toBeUndefined()
    expect(await sessions.find(token)).toBeUndefined()
  })

  test('a session made by one process is seen and revoked by another', async () => {
    const { store, other, clock } = open()
    const [here, there] = [sessionsOn({ store, clock }), sessionsOn({ store: other, clock })]
    const { token, session } = await here.create({ userId: 'ada', data: light })
    expect(await there.find(token)).toEqual(session)
    expect(await there.revoke(token)).toBe(true)
    expect(await here.find(token)).toBeUndefined()
    expect(await here.revoke(token)).toBe(false)
  })

  test('a session is revoked by its id', async () => {
    const sessions = sessionsOn(open())
    const { token, session } = await sessions.create({ userId: 'ada', data: light })
    expect(await sessions.revokeById(session.id)).toBe(true)
    expect(await sessions.revokeById(session.id)).toBe(false)
    expect(await sessions.find(token)).toBeUndefined()
  })

  test('all sessions of a user are revoked, or all but one, and those of others stay', async () => {
    const sessions = sessionsOn(open())
    const mine = await Promise.all([1, 2, 3].map(() => sessions.create({ userId: 'ada', data: light })))
    const others = await sessions.create({ userId: 'bob', data: light })
    const kept = mine[1]?.token ?? ''
    expect(await sessions.revokeAll('ada', { except: kept })).toBe(2)
    expect(await Promise.all(mine.map(async ({ token }) => (await sessions.find(token)) !== undefined))).toEqual([
      false,
      true,
      false,
    ])
    expect(await sessions.revokeAll('ada')).toBe(1)
    expect(await sessions.find(kept)).toBeUndefined()
    expect(await sessions.find(others.token)).toBeDefined()
  })

  test('the list shows the live sessions of one user, newest first, without tokens', async () => {
    const stores = open()
    const sessions = sessionsOn(stores)
    await sessions.create({ userId: 'ada', data: { theme: 'old' } })
    stores.advanceMs(11 * hourMs)
    const second = await sessions.create({ userId: 'ada', data: { theme: 'second' } })
    stores.advanceMs(1)
    const third = await sessions.create({ userId: 'ada', data: { theme: 'third' } })
    await sessions.create({ userId: 'bob', data: light })
    stores.advanceMs(hourMs)
    const list = await sessions.list('ada')
    expect(list).toEqual([third.session, second.session])
    expect(JSON.stringify(list)).not.toContain(createHash('sha256').update(second.token).digest('base64url'))
    expect(await stores.store.list('sessions-of:ada')).toHaveLength(2)
  })

  test('the active sessions are those used within 15 minutes, whichever process served them', async () => {
    const { store, other, clock, advanceMs } = open()
    const [here, there] = [sessionsOn({ store, clock }), sessionsOn({ store: other, clock })]
    expect(await here.countActive()).toBe(0)
    const first = await here.create({ userId: 'ada', data: light })
    await there.create({ userId: 'bob', data: light })
    expect(await Promise.all([here.countActive(), there.countActive()])).toEqual([2, 2])
    advanceMs(10 * minuteMs)
    await there.find(first.token)
    await there.find(first.token)
    advanceMs(5 * minuteMs)
    expect(await here.countActive()).toBe(2)
    advanceMs(1)
    expect(await here.countActive()).toBe(1)
    advanceMs(10 * minuteMs)
    expect(await here.countActive()).toBe(0)
    await here.find(first.token)
    expect(await there.countActive()).toBe(1)
  })
})
