import { expect, test } from 'vitest'
import { useTestWeb } from '../testing/web.ts'

const web = useTestWeb()
const make = (payload: object) => web().person('POST', '/api/v1/tokens', { payload })

test('a token is shown once, works, and ends when it is revoked', async () => {
  const made = await make({ name: 'script', scope: 'read', expiresInDays: 30 })
  expect(made.statusCode).toBe(201)
  const { id, token } = made.json()
  const read = () => web().nobody('GET', '/api/v1/articles', { headers: { authorization: `Bearer ${token}` } })
  expect((await read()).statusCode).toBe(200)

  const listed = await web().person('GET', '/api/v1/tokens')
  expect(listed.json().items).toContainEqual(expect.objectContaining({ id, name: 'script', scope: 'read' }))
  expect(listed.body).not.toContain(token)

  expect((await web().person('DELETE', `/api/v1/tokens/${id}`)).statusCode).toBe(204)
  expect((await read()).statusCode).toBe(401)
  expect((await web().person('DELETE', `/api/v1/tokens/${id}`)).statusCode).toBe(404)
})

test('a token ends with its last day', async () => {
  const { token } = (await make({ name: 'short', scope: 'read', expiresInDays: 1 })).json()
  const read = () => web().nobody('GET', '/api/v1/articles', { headers: { authorization: `Bearer ${token}` } })
  expect((await read()).statusCode).toBe(200)
  web().pass(86_400_001)
  expect((await read()).statusCode).toBe(401)
})

test.each([
  { name: ' ', scope: 'read' },
  { name: 'x', scope: 'admin' },
  { name: 'x', scope: 'read', expiresInDays: 0 },
  { name: 'x', scope: 'read', accountId: '00000000-0000-4000-8000-000000000000' },
])('no token is made of %o', async (payload) => {
  // A day has passed in the test before, and with it the session.
  const person = web().withSession(await web().openSession())
  expect((await person('POST', '/api/v1/tokens', { payload })).statusCode).toBe(400)
})
