import { createApiToken } from '@dayshift/domain/accounts'
import { describe, expect, test } from 'vitest'
import { type TestRoute, useTestWeb } from '../testing/web.ts'
import { insertArticle, insertSource } from '../testing/content.ts'

const web = useTestWeb()

/** Everybody may call these, each for a reason. */
const publicRoutes = [
  // To sign in nobody is signed in yet; the signature of an object's address is the proof.
  'POST /api/v1/session',
  'GET /objects/*',
  'PUT /objects/*',
  // Load balancers and containers ask.
  'GET /live',
  'GET /health',
  'GET /ready',
  'GET /api/v1/health/live',
  'GET /api/v1/health/ready',
  // How to use the API is no secret.
  'GET /api/docs',
  'GET /api/docs/',
  'GET /api/docs/json',
  'GET /api/docs/yaml',
  'GET /api/docs/static/*',
  'GET /api/docs/static/index.html',
  'GET /api/docs/static/swagger-initializer.js',
]

// Who may GET may ask for the headers alone.
const nameOf = ({ method, url }: TestRoute): string => `${method === 'HEAD' ? 'GET' : method} ${url}`
const addressOf = ({ url }: TestRoute): string =>
  url.replace(/:(\w+)/g, (_match, name) => (name === 'jobId' ? '1' : '00000000-0000-4000-8000-000000000000'))
const guarded = (): TestRoute[] => web().routes.filter((route) => !publicRoutes.includes(nameOf(route)))
const writing = (): TestRoute[] => guarded().filter(({ method }) => method !== 'GET' && method !== 'HEAD')

describe('who may call', () => {
  test('every route that is not on the public list needs a signed-in caller', async () => {
    expect(guarded().length).toBeGreaterThan(20)
    for (const route of guarded()) {
      const { statusCode } = await web().nobody(route.method, addressOf(route))
      expect(`${nameOf(route)} ${statusCode}`).toBe(`${nameOf(route)} 401`)
    }
  })

  test('every route of the public list is there', () => {
    expect(web().routes.map(nameOf)).toEqual(expect.arrayContaining(publicRoutes))
  })

  test('a token that may only read can write nothing', async () => {
    for (const route of writing()) {
      const { statusCode } = await web().reader(route.method, addressOf(route))
      expect(`${nameOf(route)} ${statusCode}`).toBe(`${nameOf(route)} 403`)
    }
  })

  test('what only a person may do is refused to a token that may write', async () => {
    const personal = web().routes.filter(
      ({ method, options }) => method !== 'HEAD' && options.config?.access === 'person',
    )
    expect(personal.map(nameOf)).toEqual([
      'DELETE /api/v1/session',
      'GET /api/v1/sessions',
      'DELETE /api/v1/sessions',
      'PUT /api/v1/session/password',
      'GET /api/v1/tokens',
      'POST /api/v1/tokens',
      'DELETE /api/v1/tokens/:tokenId',
      'PUT /api/v1/budgets',
      'DELETE /api/v1/budgets/:budgetId',
    ])
    for (const route of personal) {
      const { statusCode } = await web().writer(route.method, addressOf(route))
      expect(`${nameOf(route)} ${statusCode}`).toBe(`${nameOf(route)} 403`)
    }
  })

  test('a reader reads, a writer writes', async () => {
    expect((await web().reader('GET', '/api/v1/articles')).statusCode).toBe(200)
    const payload = { url: 'https://feeds.example.org/written-by-token' }
    expect((await web().writer('POST', '/api/v1/sources', { payload })).statusCode).toBe(201)
  })

  test('a token may stand in the address, where clients make Basic authentication of it', async () => {
    const { context, account, nobody } = web()
    const { token } = await createApiToken(context, account.id, { name: 'old client', scope: 'read' })
    const get = (pair: string) => {
      const authorization = `Basic ${Buffer.from(pair).toString('base64')}`
      return nobody('GET', '/api/v1/articles', { headers: { authorization } })
    }
    expect((await get(`token:${token}`)).statusCode).toBe(200)
    expect((await get(`:${token}`)).statusCode).toBe(200)
    expect((await get(`${token}:`)).statusCode).toBe(401)
    expect((await get(`administrator:${token}x`)).statusCode).toBe(401)
  })

  test.each(['Bearer dayshift_wrong', 'Bearer ', 'Basic YTpi', 'Basic ', 'dayshift_wrong'])(
    'the authorization "%s" is nobody',
    async (authorization) => {
      const { statusCode, headers } = await web().nobody('GET', '/api/v1/articles', { headers: { authorization } })
      expect(statusCode).toBe(401)
      expect(headers['www-authenticate']).toBe('Bearer realm="dayshift"')
    },
  )

  test.each(['', 'x', 'a.b', `${'a'.repeat(22)}.${'b'.repeat(43)}`, '%00'])(
    'the cookie "%s" is nobody',
    async (token) => {
      expect((await web().withSession(token)('GET', '/api/v1/articles')).statusCode).toBe(401)
    },
  )

  test('a disabled account is out at once, by session and by token', async () => {
    const { context, account, person, reader } = web()
    const setDisabled = (disabled_at: Date | null) =>
      context.db.updateTable('account').set({ disabled_at }).where('id', '=', account.id).execute()
    await setDisabled(new Date())
    expect((await person('GET', '/api/v1/articles')).statusCode).toBe(401)
    expect((await reader('GET', '/api/v1/articles')).statusCode).toBe(401)
    await setDisabled(null)
    expect((await person('GET', '/api/v1/articles')).statusCode).toBe(200)
  })
})

describe('where a request comes from', () => {
  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:81' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://localhost', 'sec-fetch-site': 'cross-site' },
  ])('every change with a cookie is refused from %o', async (headers) => {
    for (const route of writing()) {
      const answer = await web().person(route.method, addressOf(route), { headers })
      expect(`${nameOf(route)} ${answer.statusCode}`).toBe(`${nameOf(route)} 403`)
      // In every API's own form.
      expect(answer.body).toContain('The request comes from')
    }
    const payload = { name: 'administrator', password: 'does not matter' }
    expect((await web().nobody('POST', '/api/v1/session', { payload, headers })).statusCode).toBe(403)
  })

  test('our own page may change things', async () => {
    const headers = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin', host: 'localhost' }
    const payload = { url: 'https://feeds.example.org/own-page' }
    expect((await web().person('POST', '/api/v1/sources', { payload, headers })).statusCode).toBe(201)
  })

  test('a token is no cookie: a program elsewhere may use it', async () => {
    const headers = { origin: 'https://tool.example' }
    const payload = { url: 'https://feeds.example.org/by-tool' }
    expect((await web().writer('POST', '/api/v1/sources', { payload, headers })).statusCode).toBe(201)
  })

  test('no other site may read: there is no CORS header', async () => {
    const sourceId = await insertSource(web().context.db)
    const id = await insertArticle(web().context.db, { sourceId })
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    for (const method of ['GET', 'OPTIONS'] as const) {
      const answer = await web().person(method, `/api/v1/articles/${id}`, { headers })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })
})
