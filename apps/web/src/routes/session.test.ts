import { createSignInLink, setPassword } from '@dayshift/domain/accounts'
import { createLimiter, createSessions, type KeyStore, SessionStoreUnavailable } from '@dayshift/session'
import { beforeEach, describe, expect, test } from 'vitest'
import { SessionData } from '../parts.ts'
import { type Ask, startTestWeb, useTestWeb } from '../testing/web.ts'

const web = useTestWeb()
const password = 'correct horse battery'
const name = 'administrator'

const signIn = (payload: object, ask: Ask = web().nobody, remoteAddress = '192.0.2.1') =>
  ask('POST', '/api/v1/session', { payload, remoteAddress })
const newLink = (): Promise<string> => createSignInLink(web().context, web().account.id)
const tokenOf = (answer: Awaited<ReturnType<Ask>>): string => answer.cookies[0]?.value ?? ''
const statusOf = async (token: string): Promise<number> =>
  (await web().withSession(token)('GET', '/api/v1/session')).statusCode

// The clock is moved, so that no test is limited by the tries of another.
beforeEach(() => web().pass(120_000))

describe('signing in', () => {
  test('a one-time link works once', async () => {
    const link = await newLink()
    const answer = await signIn({ link })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ account: web().account })
    expect(await statusOf(tokenOf(answer))).toBe(200)
    expect((await signIn({ link })).statusCode).toBe(401)
  })

  test('of two who use a link at the same time one is let in', async () => {
    const link = await newLink()
    const answers = await Promise.all([signIn({ link }), signIn({ link }), signIn({ link })])
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 401, 401])
  })

  test('name and password work, a wrong one is refused in the same words as an unknown name', async () => {
    await setPassword(web().context.db, web().account.id, password)
    expect((await signIn({ name, password })).statusCode).toBe(200)
    const wrong = await signIn({ name, password: `${password}!` })
    const unknown = await signIn({ name: 'somebody', password })
    expect([wrong.statusCode, unknown.statusCode]).toEqual([401, 401])
    expect(wrong.json().detail).toBe(unknown.json().detail)
    expect(wrong.cookies).toEqual([])
  })

  test.each([{}, { name }, { link: '' }, { name, password, link: 'x' }, { link: 'x', role: 'administrator' }])(
    'the proof %o is not valid',
    async (payload) => expect((await signIn(payload)).statusCode).toBe(400),
  )

  test('gives a cookie that scripts cannot read and other sites cannot use', async () => {
    const { headers } = await signIn({ link: await newLink() })
    expect(headers['set-cookie']).toMatch(/^dayshift=[\w-]{22}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
  })

  test('gives a new token each time and ends the session that the browser had', async () => {
    const first = tokenOf(await signIn({ link: await newLink() }))
    const second = tokenOf(await signIn({ link: await newLink() }, web().withSession(first)))
    expect(second).not.toBe(first)
    expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200])
  })

  test('does not take over a token that somebody else planted', async () => {
    const planted = `${'a'.repeat(22)}.${'b'.repeat(43)}`
    const token = tokenOf(await signIn({ link: await newLink() }, web().withSession(planted)))
    expect(token).not.toBe(planted)
    expect(await statusOf(planted)).toBe(401)
  })

  test('is logged, and what was shown is not', async () => {
    const link = await newLink()
    const token = tokenOf(await signIn({ link }))
    await signIn({ name, password: 'not the password' })
    const logged = web().log.map(({ level, text }) => `${level} ${text}`)
    expect(logged).toContainEqual(expect.stringMatching(/^info .*"ip":"192\.0\.2\.1".*signed in/))
    expect(logged).toContainEqual(expect.stringMatching(/^warn .*a sign-in was refused/))
    for (const secret of [link, token, 'not the password']) expect(logged.join('\n')).not.toContain(secret)
  })
})

describe('trying to sign in again and again', () => {
  const wrong = { name, password: 'wrong' }

  test('ends in 429 and says when to come back', async () => {
    for (let tries = 0; tries < 10; tries += 1) expect((await signIn(wrong)).statusCode).toBe(401)
    const answer = await signIn(wrong)
    expect(answer.statusCode).toBe(429)
    expect(answer.json()).toMatchObject({ code: 'too-many-requests' })
    const seconds = Number(answer.headers['retry-after'])
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(6)
    web().pass(seconds * 1000)
    expect((await signIn(wrong)).statusCode).toBe(401)
  })

  test('does not shut out the owner elsewhere, nor another account from there', async () => {
    await setPassword(web().context.db, web().account.id, password)
    for (let tries = 0; tries < 12; tries += 1) await signIn(wrong)
    expect((await signIn({ name, password })).statusCode).toBe(429)
    expect((await signIn({ name, password }, web().nobody, '192.0.2.2')).statusCode).toBe(200)
    expect((await signIn({ ...wrong, name: 'somebody' })).statusCode).toBe(401)
    expect((await signIn({ link: await newLink() })).statusCode).toBe(200)
  })

  test('with many names from one address is limited, too', async () => {
    const statuses: number[] = []
    for (let tries = 0; tries < 32; tries += 1) {
      const start = Date.now()
      statuses.push((await signIn({ name: `name ${tries}`, password: 'x' }, web().nobody, '192.0.2.3')).statusCode)
      web().pass(start + 1 - Date.now())
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(30)
    expect((await signIn(wrong, web().nobody, '192.0.2.4')).statusCode).toBe(401)
  }, 30_000)

  test('with one name from many addresses is limited, too', async () => {
    const statuses: number[] = []
    for (let tries = 0; tries < 62; tries += 1) {
      const start = Date.now()
      statuses.push((await signIn({ name: 'victim', password: 'x' }, web().nobody, `198.51.100.${tries}`)).statusCode)
      // Hashing takes long on a busy machine, and each second gives a try back: a try takes a millisecond here.
      web().pass(start + 1 - Date.now())
    }
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(60)
    expect(statuses.at(-1)).toBe(429)
  }, 30_000)
})

describe('the end of a session', () => {
  test('signing out ends it at once and takes the cookie back', async () => {
    const token = await web().openSession()
    const answer = await web().withSession(token)('DELETE', '/api/v1/session')
    expect(answer.statusCode).toBe(204)
    expect(answer.headers['set-cookie']).toMatch(/^dayshift=; .*Expires=Thu, 01 Jan 1970/)
    expect(await statusOf(token)).toBe(401)
  })

  test('signing out everywhere else leaves this one', async () => {
    const [here, there] = [await web().openSession(), await web().openSession()]
    expect((await web().withSession(here)('DELETE', '/api/v1/sessions')).statusCode).toBe(204)
    expect([await statusOf(here), await statusOf(there)]).toEqual([200, 401])
  })

  test('a new password ends the others and is the one that works', async () => {
    await setPassword(web().context.db, web().account.id, password)
    const [here, there] = [await web().openSession(), await web().openSession()]
    const payload = { password: 'another long password' }
    expect((await web().withSession(here)('PUT', '/api/v1/session/password', { payload })).statusCode).toBe(204)
    expect([await statusOf(here), await statusOf(there)]).toEqual([200, 401])
    expect((await signIn({ name, password })).statusCode).toBe(401)
    expect((await signIn({ name, ...payload })).statusCode).toBe(200)
  })

  test.each([
    ['11 characters', 'a'.repeat(11)],
    ['129 characters', 'a'.repeat(129)],
  ])('a password of %s is not taken', async (_what, password) => {
    const token = await web().openSession()
    const answer = await web().withSession(token)('PUT', '/api/v1/session/password', { payload: { password } })
    expect(answer.statusCode).toBe(400)
    expect(answer.body).not.toContain(password)
  })

  test('the list has each session, says which is this one, and holds no token', async () => {
    const token = await web().openSession()
    const answer = await web().withSession(token)('GET', '/api/v1/sessions')
    const { items } = answer.json()
    expect(items.filter(({ current }: { current: boolean }) => current)).toHaveLength(1)
    expect(items[0]).toMatchObject({ userAgent: 'test', createdAt: expect.stringMatching(/^\d{4}-.*Z$/) })
    expect(answer.body).not.toContain(token.split('.')[1])
  })

  test('twelve hours without use end it', async () => {
    const token = await web().openSession()
    web().pass(12 * 3_600_000 + 1)
    expect(await statusOf(token)).toBe(401)
  })
})

test('over https the cookie is bound to the host and to https', async () => {
  const secure = await startTestWeb({ publicUrl: 'https://dayshift.example' })
  try {
    const link = await createSignInLink(secure.context, secure.account.id)
    const { headers } = await secure.nobody('POST', '/api/v1/session', { payload: { link } })
    expect(headers['set-cookie']).toMatch(
      /^__Host-dayshift=[\w-]{22}\.[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  } finally {
    await secure.close()
  }
})

test('while the session store is away nobody signs in, no link is used up, and reading by token goes on', async () => {
  const fail = () => Promise.reject(new SessionStoreUnavailable('connect ECONNREFUSED'))
  const store: KeyStore = {
    get: fail,
    put: fail,
    replace: fail,
    take: fail,
    delete: fail,
    list: fail,
    advance: fail,
    markSeen: fail,
    countSeen: fail,
    close: async () => {},
  }
  const limits = { store, limit: 60, windowMs: 60_000 }
  const working = web().parts
  const down = await startTestWeb({
    sessions: { ...createSessions({ store, schema: SessionData }), create: working.sessions.create },
    signInLimiter: createLimiter({ ...limits, name: 'sign-in' }),
    requestLimiter: createLimiter({ ...limits, name: 'requests' }),
  })
  try {
    const link = await createSignInLink(down.context, down.account.id)
    const answer = await down.nobody('POST', '/api/v1/session', { payload: { link } })
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'unavailable'])
    expect(answer.body).not.toContain('ECONNREFUSED')
    const { used_at } = await down.context.db.selectFrom('sign_in_link').select('used_at').executeTakeFirstOrThrow()
    expect(used_at).toBeNull()
    expect((await down.person('GET', '/api/v1/articles')).statusCode).toBe(503)
    expect((await down.reader('GET', '/api/v1/articles')).statusCode).toBe(200)
    expect((await down.nobody('GET', '/api/v1/health/live')).statusCode).toBe(200)
  } finally {
    await down.close()
  }
})
